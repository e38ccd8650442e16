import { ageOf, isOverdue } from '#controller/images';
import {
  listStreams,
  liveNodesOfVersion,
  liveVersions,
  type Db,
  type ImageStream as StreamRow,
  type ImageVersion as VersionRow,
  type ListedVersion,
} from '#controller/store';
import type { ImageStream, ImageVersion, VersionSummary } from './schema.ts';

/** Those of all streams that `fits` names, by name and cloud. */
export async function viewStreams(
  db: Db,
  now: number,
  fits: (stream: StreamRow) => boolean,
): Promise<ImageStream[]> {
  const streams = (await listStreams(db)).filter(fits);
  const versions = Map.groupBy(await liveVersions(db), idOf);
  return streams.map((stream) =>
    viewStream(stream, versions.get(idOf({ stream: stream.name, cloud: stream.cloud })) ?? [], now),
  );
}

function idOf({ stream, cloud }: Pick<VersionRow, 'stream' | 'cloud'>): string {
  return `${cloud}/${stream}`;
}

function viewStream(stream: StreamRow, versions: readonly VersionRow[], now: number): ImageStream {
  const find = (id: string | null) => versions.find((version) => version.id === id);
  const current = find(stream.current);
  return {
    name: stream.name,
    cloud: stream.cloud,
    kind: stream.kind,
    title: stream.title,
    current: refer(current),
    previous: refer(find(stream.previous)),
    generation: stream.generation,
    promotedAt: stream.promoted_at,
    ageMs: ageOf(current, now),
    refreshAfterMs: stream.refresh_after_ms,
    overdue: isOverdue(stream, current, now),
    keep: stream.keep,
    ttlMs: stream.ttl_ms,
    maxStaleMs: stream.max_stale_ms,
    usedAt: stream.used_at,
    versions: versions.length,
    bytes: versions.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  };
}

function refer(version: VersionRow | undefined): ImageStream['current'] {
  if (version === undefined) return null;
  const { id, number, name, state } = version;
  return { id, number, name, state };
}

/** The versions as their streams' pointers are now. */
export async function summariseVersions(
  db: Db,
  versions: readonly ListedVersion[],
): Promise<VersionSummary[]> {
  const streams = await listStreams(db);
  const current = new Set(streams.map((stream) => stream.current));
  const previous = new Set(streams.map((stream) => stream.previous));
  return versions.map((version) => ({
    ...summarise(version),
    pointer: current.has(version.id) ? 'current' : previous.has(version.id) ? 'previous' : null,
  }));
}

export async function viewVersion(db: Db, version: ListedVersion): Promise<ImageVersion> {
  const [summary] = await summariseVersions(db, [version]);
  if (summary === undefined) throw new Error('a version has no view');
  const nodes = await liveNodesOfVersion(db, version.id);
  return { ...summary, nodes: nodes.map(({ id, state }) => ({ id, state })) };
}

function summarise(version: ListedVersion): Omit<VersionSummary, 'pointer'> {
  return {
    id: version.id,
    name: version.name,
    stream: version.stream,
    cloud: version.cloud,
    template: version.template,
    number: version.number,
    state: version.state,
    stateSince: version.state_since,
    reason: version.reason,
    bad: version.bad !== 0,
    image: version.image,
    bytes: version.bytes,
    digest: version.digest,
    parent: version.parentName ?? version.parent,
    build: version.build,
    job: nameOf(version.build, version.job),
    verifyJob: nameOf(version.verifyBuild, version.verifyJob),
    commit: version.commit_sha,
    trust: version.trust,
    promotion: version.promotion,
    removalFailures: version.failures,
    createdAt: version.created_at,
    capturedAt: version.captured_at,
    readyAt: version.ready_at,
    deletedAt: version.deleted_at,
  };
}

function nameOf(build: number | null, job: string | null): string | null {
  return build === null || job === null ? null : `${build}/${job}`;
}
