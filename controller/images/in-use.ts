import {
  jobsOnVersions,
  nodesOnVersions,
  versionsInTheMaking,
  type Db,
  type ImageStream,
  type ImageVersion,
} from '#controller/store';

/** What keeps versions from going, by their ids: the first use that was found, to follow "because". */
export type Uses = ReadonlyMap<string, string>;

/**
 * All versions that something stands on, or is about to. Whoever makes a node of a version, or has a job run on one, writes that down behind
 * the stream's lock: so what is not here, seen from behind that lock, is free.
 */
export async function versionsInUse(db: Db): Promise<Uses> {
  const uses = new Map<string, string>();
  for (const { id, version_id: version, capture_id: capture } of await nodesOnVersions(db)) {
    note(version, `node ${id} is made from it`);
    note(capture, `node ${id}, which it was captured from, is not gone yet`);
  }
  for (const { number, key, images } of await jobsOnVersions(db))
    for (const version of Object.values(images)) note(version, `job ${number}/${key} is to run on it`);
  for (const { name, parent } of await versionsInTheMaking(db)) note(parent, `${name} is being made of it`);
  return uses;

  function note(version: string | null, why: string): void {
    if (version !== null && !uses.has(version)) uses.set(version, why);
  }
}

/** Whether the stream's pointer needs the version: of prepared images nobody rolls back. */
export function isPointedAt({ kind, current, previous }: ImageStream, { id }: ImageVersion): boolean {
  return current === id || (kind === 'named' && previous === id);
}
