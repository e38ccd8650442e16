import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { NewSource } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { readsSource, type Pipeline } from '#shared/pipeline';
import type { Client } from '../client/index.ts';
import { createBundle, snapshotWorkTree, type Snapshot } from '../source/index.ts';

/** A packed source that waits for a controller. */
export interface PreparedSource extends AsyncDisposable {
  /** What it is of, for people. */
  sentence: string;
  upload(client: Client): Promise<NewSource>;
}

/**
 * Packs the work tree that the pipeline's file lies in, where a job reads the build's own source; else undefined.
 *
 * @throws FootmanError `document-invalid` where there is no work tree to pack.
 */
export async function prepareSource(pipeline: Pipeline, file: string): Promise<PreparedSource | undefined> {
  const job = pipeline.jobs.find(readsSource);
  if (job === undefined) return undefined;
  const folder = file === '-' ? process.cwd() : dirname(resolve(file));
  const snapshot = await snapshotWorkTree(folder);
  if (snapshot === undefined) {
    throw new FootmanError(
      'document-invalid',
      `job ${job.id} reads the build's source, but ${folder} is in no git work tree`,
      {
        hint: 'name a repository under `checkout`, or put the file into a git repository',
      },
    );
  }
  const bundle = await createBundle(snapshot);
  const { sha256, bytes } = bundle;
  return {
    sentence: sentenceFor(snapshot),
    upload: (client) =>
      client.upload(
        { sha256, commit: snapshot.commit, ref: snapshot.branch },
        { stream: createReadStream(bundle.file), bytes },
      ),
    [Symbol.asyncDispose]: () => bundle[Symbol.asyncDispose](),
  };
}

function sentenceFor({ head, branch, modified, untracked }: Snapshot): string {
  const what = `the source is ${branch ?? 'a detached HEAD'} at ${head.slice(0, 12)}`;
  const changed = modified === 0 ? [] : [`with ${files(modified)} as modified`];
  const missing = untracked === 0 ? [] : [`without ${files(untracked)} that git does not track`];
  return [what, ...changed, ...missing].join(', ');
}

function files(count: number): string {
  return `${count} file${count === 1 ? '' : 's'}`;
}
