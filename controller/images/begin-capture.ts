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
  type Hold,
  type ImageStream,
  type ImageVersion,
  type Node,
  type StreamId,
  type StreamKind,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Snapshot } from '#shared/pipeline';
import { recordVersion } from './life-cycle.ts';

/** What begins the names of streams of prepared images; no name that a person gives has a slash. */
export const PREPARED = 'prepared/';

/** What begins the names of streams of held machines. */
const HELD = 'held/';

/** Ready versions of a prepared image, or a held machine: nobody rolls it back. */
const KEPT_ALONE = 1;

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

/** The same of a held node, as the only version of its own stream: nobody looks at it, and no template gets it. */
export async function beginHeldCapture(tx: Tx, hold: Hold, node: Node, build: Build): Promise<ImageVersion> {
  const id = { name: `${HELD}${hold.id}`, cloud: node.cloud };
  const number = await nextNumber(tx, id, { keep: KEPT_ALONE, refreshAfterMs: null });
  const version: ImageVersion = {
    ...freshVersion(tx, id, number),
    template: node.template,
    parent: node.version_id ?? node.image,
    build_id: hold.build_id,
    job_id: hold.job_id,
    node_id: node.id,
    commit_sha: build.source?.commit ?? null,
    trust: build.trust,
    promotion: { how: 'manual' },
  };
  await insertVersion(tx.db, version);
  if ((await patchNode(tx.db, node.id, ['held'], { capture_id: version.id })) === undefined)
    throw new FootmanError('conflict', `node ${node.id} is held no more`);
  await recordVersion(tx, version);
  return version;
}

/** Whether it is the machine of a hold. */
export function isHeldMachine({ stream }: Pick<ImageVersion, 'stream'>): boolean {
  return kindOf(stream) === 'held';
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
  await insertStream(tx.db, freshStream(tx, id));
  const stream = await lockStream(tx.db, id);
  // Names are never used again, not even when a stream of prepared images has gone and comes back.
  const number = Math.max(stream?.last_number ?? 0, await lastNumber(tx.db, id)) + 1;
  await patchStream(tx.db, id, {
    last_number: number,
    ...(kindOf(id.name) === 'named' && { keep, refresh_after_ms: refreshAfterMs }),
  });
  return number;
}

export function freshStream(tx: Tx, { name, cloud }: StreamId): ImageStream {
  return {
    name,
    cloud,
    kind: kindOf(name),
    current: null,
    previous: null,
    generation: 0,
    promoted_at: null,
    last_number: 0,
    keep: KEPT_ALONE,
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

function kindOf(stream: string): StreamKind {
  if (stream.startsWith(PREPARED)) return 'prepared';
  return stream.startsWith(HELD) ? 'held' : 'named';
}

/** Of an image of the cloud: two clouds may be one engine. */
function versionName({ name, cloud }: StreamId, number: number): string {
  return `${name.replaceAll('/', '-')}-${number}.${cloud}`;
}
