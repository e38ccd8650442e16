import type { Tx } from '#controller/events';
import {
  insertStream,
  insertVersion,
  lastNumber,
  lockStream,
  newId,
  patchNode,
  patchStream,
  type Build,
  type CaptureEnding,
  type ImageStream,
  type ImageVersion,
  type Node,
  type StreamId,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Snapshot } from '#shared/pipeline';
import { recordVersion } from './life-cycle.ts';

/** What begins the names of streams of prepared images; no name that a person gives has a slash. */
export const PREPARED = 'prepared/';

/** Ready versions of a prepared image: nobody rolls it back. */
const KEPT_PREPARED = 1;

/** A job's wish to have its node captured when all else is done. */
export interface CaptureOrder {
  build: Build;
  jobId: string;
  node: Node;
  snapshot: Omit<Snapshot, 'stream'> & { stream: string };
  /** How the job ends when the capture has succeeded. */
  ending: CaptureEnding;
}

/** The intent is there before any cloud hears of it: under this name alone the capture will be found. */
export async function beginCapture(tx: Tx, order: CaptureOrder): Promise<ImageVersion> {
  const { build, jobId, node, snapshot, ending } = order;
  const { stream: name, verify, keep, promote: promotion, refreshAfterMs = null } = snapshot;
  const number = await nextNumber(tx, { name, cloud: node.cloud }, { keep, refreshAfterMs });
  const version: ImageVersion = {
    ...freshVersion(tx, { name, cloud: node.cloud }, number),
    template: node.template,
    parent: node.version_id ?? node.image,
    build_id: build.id,
    job_id: jobId,
    node_id: node.id,
    commit_sha: build.source?.commit ?? null,
    trust: build.trust,
    verify,
    promotion,
    ending,
  };
  await insertVersion(tx.db, version);
  if ((await patchNode(tx.db, node.id, ['leased'], { capture_id: version.id })) === undefined)
    throw new FootmanError('cancelled', 'the job has no node any more');
  await recordVersion(tx, version);
  return version;
}

/** A row as it begins, of nobody's build. */
export function freshVersion(tx: Tx, { name: stream, cloud }: StreamId, number: number): ImageVersion {
  return {
    id: newId(),
    name: versionName({ name: stream, cloud }, number),
    stream,
    cloud,
    template: '',
    number,
    state: 'capturing',
    state_since: tx.at,
    reason: null,
    bad: 0,
    image: null,
    bytes: null,
    digest: null,
    parent: null,
    build_id: null,
    job_id: null,
    node_id: null,
    commit_sha: null,
    trust: 'trusted',
    verify: null,
    verify_job_id: null,
    promotion: { how: 'auto' },
    ending: null,
    failures: 0,
    due_at: null,
    created_at: tx.at,
    captured_at: null,
    ready_at: null,
    deleted_at: null,
  };
}

/** Of the stream's next version; makes the stream where there is none, and notes what it is to be like from now on. */
export async function nextNumber(
  tx: Tx,
  id: StreamId,
  { keep, refreshAfterMs }: { keep: number; refreshAfterMs: number | null },
): Promise<number> {
  const isPrepared = id.name.startsWith(PREPARED);
  await insertStream(tx.db, freshStream(tx, id));
  const stream = await lockStream(tx.db, id);
  // Names are never used again, not even when a stream of prepared images has gone and comes back.
  const number = Math.max(stream?.last_number ?? 0, await lastNumber(tx.db, id)) + 1;
  await patchStream(tx.db, id, {
    last_number: number,
    ...(!isPrepared && { keep, refresh_after_ms: refreshAfterMs }),
  });
  return number;
}

export function freshStream(tx: Tx, { name, cloud }: StreamId): ImageStream {
  const isPrepared = name.startsWith(PREPARED);
  return {
    name,
    cloud,
    kind: isPrepared ? 'prepared' : 'named',
    current: null,
    previous: null,
    generation: 0,
    promoted_at: null,
    last_number: 0,
    keep: KEPT_PREPARED,
    refresh_after_ms: null,
    title: null,
    scope: null,
    ttl_ms: null,
    max_stale_ms: null,
    used_at: null,
    build_id: null,
    created_at: tx.at,
  };
}

/** Of an image of the cloud: two clouds may be one engine. */
function versionName({ name, cloud }: StreamId, number: number): string {
  return `${name.replaceAll('/', '-')}-${number}.${cloud}`;
}
