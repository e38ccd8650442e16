import { join } from 'node:path';
import { mapConcurrently } from '#shared/concurrently';
import type { Patience, Transport } from '../http/index.ts';
import type { Meter } from '../meter/index.ts';
import type { Dialogue, Put } from './dialogue.ts';
import type { FoundFile } from './find-files.ts';
import type { Findings } from './findings.ts';
import { storeObjects, type Stored } from './store-objects.ts';
import type { StoredObject } from './stored-object.ts';

export interface Store {
  root: string;
  findings: Findings;
  stored: Stored;
  dialogue: Dialogue;
  transport: Transport;
  patience: Patience;
  meter: Meter;
}

interface Batch {
  objects: StoredObject[];
  puts: Put[];
}

/** Fewer than a message may name: the answer has long URLs for each, and must fit in a message too. */
const FILES_PER_BATCH = 128;
/** Of many small files, eight at a time take a fifth of what one after the other would. */
const PARALLEL_DIGESTS = 8;

/** Stores each file as it is. The next ones are named while these are uploaded. */
export async function storeFiles(
  files: readonly FoundFile[],
  store: Store,
  signal: AbortSignal,
): Promise<void> {
  const { root, findings, dialogue, meter } = store;
  let ahead = name(0);
  for (let start = 0; start < files.length; start += FILES_PER_BATCH) {
    const { objects, puts } = await ahead;
    ahead = name(start + FILES_PER_BATCH);
    // It is waited for when these are stored.
    ahead.catch(() => undefined);
    await storeObjects(objects, puts, { ...store, nameAgain }, signal);
  }

  async function name(start: number): Promise<Batch> {
    const batch = files.slice(start, start + FILES_PER_BATCH);
    if (batch.length === 0) return { objects: [], puts: [] };
    const named = await mapConcurrently(batch, PARALLEL_DIGESTS, (file) => findings.name(file, signal));
    const puts = await dialogue.files(named);
    const objects = batch.filter(({ link }) => link === undefined);
    meter.done(batch.length - objects.length);
    return { objects: objects.map(objectOf), puts };
  }

  function objectOf({ path, bytes, modified }: FoundFile): StoredObject {
    return { path, bytes, modified, from: join(root, path) };
  }

  async function nameAgain(object: StoredObject): Promise<Put[]> {
    const file = files.find(({ path }) => path === object.path);
    return file === undefined ? [] : dialogue.files([await findings.name(file, signal)]);
  }
}
