import { join } from 'node:path';
import { messageOf } from '#shared/errors';
import type { ControllerMessageOf } from '#shared/protocol';
import { TransferError, type Transport } from '../http/index.ts';
import type { Link } from '../link/index.ts';
import { createMeter } from '../meter/index.ts';
import { createDialogue, type Dialogue } from './dialogue.ts';
import { createFindings } from './findings.ts';
import { storeArchive } from './store-archive.ts';
import { storeFiles } from './store-files.ts';
import type { Stored } from './store-objects.ts';

/** The collection of one artifact, from the order until the controller has acknowledged its end. */
export interface Collection {
  /** Names all files from the first on. What was stored before, for the same order over an earlier connection, is not stored again. */
  restart(): void;
  put(message: ControllerMessageOf<'artifact.put'>): void;
  partPuts(message: ControllerMessageOf<'artifact.part-puts'>): void;
  stop(): void;
}

interface Deps {
  order: ControllerMessageOf<'artifact.collect'>;
  /** What the order's paths are relative to. */
  root: string;
  /** The agent's own folder, where an archive is written. */
  spool: string;
  transport: Transport;
  link: Pick<Link, 'send'>;
}

export function createCollection({ order, root, spool, transport, link }: Deps): Collection {
  const { artifact } = order;
  const findings = createFindings({ order, root, archivePath: join(spool, `archive-${artifact}`) });
  const over = new AbortController();
  const stored: Stored = { paths: new Set(), underWay: new Map(), signal: over.signal };
  let current = new AbortController();
  let dialogue: Dialogue | undefined;

  return {
    restart() {
      current.abort();
      current = new AbortController();
      dialogue = createDialogue({ artifact, link, signal: current.signal });
      void collect(dialogue, current.signal);
    },
    put: (message) => dialogue?.put(message),
    partPuts: (message) => dialogue?.partPuts(message),
    stop() {
      current.abort();
      over.abort();
      findings.remove();
    },
  };

  async function collect(dialogue: Dialogue, signal: AbortSignal): Promise<void> {
    const patience = transport.patience();
    let totals = { totalFiles: 0, totalBytes: null as number | null };
    const meter = createMeter(
      (progress) => link.send({ type: 'artifact.progress', artifact, ...progress, ...totals }),
      () => patience.trouble,
    );
    try {
      const { files, note } = await findings.files();
      signal.throwIfAborted();
      const store = { root, findings, stored, dialogue, transport, patience, meter };
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      totals = { totalFiles: files.length, totalBytes: order.archive === true ? null : bytes };
      const isPacked = order.archive === true && files.length > 0;
      if (isPacked) await storeArchive(store, (size) => (totals.totalBytes = size), signal);
      else await storeFiles(files, store, signal);
      signal.throwIfAborted();
      link.send({ type: 'artifact.finished', artifact, files: files.length, ...(note && { note }) });
    } catch (error) {
      if (!signal.aborted) fail(error);
    } finally {
      meter.stop();
    }
  }

  function fail(error: unknown): void {
    const problem = messageOf(error).slice(0, 4096);
    const again = error instanceof TransferError && error.again;
    link.send({
      type: 'artifact.finished',
      artifact,
      files: stored.paths.size,
      problem,
      ...(again && { again }),
    });
  }
}
