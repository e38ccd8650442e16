import { createInterface } from 'node:readline';
import type { IncomingMessage } from 'node:http';
import type { BuildSummary, DeletedBuild, FsckLine, RetentionPlan } from '#controller/api';
import { queryOf } from './query.ts';
import type { Call } from './transport.ts';

/** The part of the API that says what is kept, and whether it is there. */
export interface StorageClient {
  pin(build: string, reason: string | undefined): Promise<BuildSummary>;
  unpin(build: string): Promise<BuildSummary>;
  removeBuild(build: string): Promise<DeletedBuild>;
  /** What would go now; with `apply`, it goes. */
  retention(how: { apply: boolean; staying: boolean; limit: number }): Promise<RetentionPlan>;
  /** Lines as they come; the last one is a summary or an error. */
  fsck(how: { digests: boolean }, signal: AbortSignal): AsyncIterable<FsckLine>;
}

interface Deps {
  read<T>(call: Call): Promise<T>;
  send(call: Call): Promise<IncomingMessage>;
}

/** The whole storage may be listed before there is anything to say. */
const FSCK_SILENCE_MS = 30 * 60_000;
/** All builds are looked at. */
const PLAN_SILENCE_MS = 5 * 60_000;

export function createStorageClient({ read, send }: Deps): StorageClient {
  return {
    pin: (build, reason) => read({ method: 'PUT', path: `${pathOf(build)}/pin`, json: { reason } }),
    unpin: (build) => read({ method: 'DELETE', path: `${pathOf(build)}/pin` }),
    removeBuild: (build) => read({ method: 'DELETE', path: pathOf(build) }),
    retention: ({ apply, staying, limit }) =>
      read({
        method: apply ? 'POST' : 'GET',
        path: `/retention${queryOf({ staying, limit })}`,
        silenceMs: PLAN_SILENCE_MS,
      }),
    async *fsck({ digests }, signal) {
      const path = `/fsck${queryOf({ digests })}`;
      const answer = await send({ method: 'POST', path, silenceMs: FSCK_SILENCE_MS, signal });
      for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as FsckLine;
    },
  };
}

function pathOf(build: string): string {
  return `/builds/${encodeURIComponent(build)}`;
}
