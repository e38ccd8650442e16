import type { Tx } from '#controller/events';
import {
  lockStream,
  patchVersion,
  versionsOfBuild,
  type ImageStream,
  type ImageVersion,
} from '#controller/store';
import { moveVersion } from './life-cycle.ts';
import { isOlder, promote } from './pointer.ts';

/**
 * Waits for all who change the streams that the version may be promoted in, in the order of their clouds, so that nobody waits for each other.
 * To be called before anything else in a transaction that ends a capture or a verification: of two versions that wait for each other, the
 * second sees the first.
 */
export async function lockStreams(tx: Tx, version: ImageVersion): Promise<void> {
  for (const cloud of cloudsOf(version)) await lockStream(tx.db, { name: version.stream, cloud });
}

/** The version was verified, or needs no verification. It is promoted as its snapshot says. */
export async function becomeReady(tx: Tx, { id, state }: ImageVersion): Promise<void> {
  if (state !== 'candidate' && state !== 'verifying') return;
  const ready = await moveVersion(tx, id, [state], 'ready', { ready_at: tx.at, reason: null });
  if (ready === undefined) return;
  const { how } = ready.promotion;
  if (ready.trust !== 'trusted') await say(tx, ready, 'it was made by a build from a fork');
  else if (how === 'auto') await promoteAll(tx, [ready]);
  else if (how === 'when-all') await promoteTogether(tx, ready);
}

/** Tells the versions that were to be promoted together with one that failed. */
export async function explainOthers(tx: Tx, failed: ImageVersion): Promise<void> {
  if (failed.promotion.how !== 'when-all') return;
  const siblings = await siblingsOf(tx, failed);
  for (const ready of siblings.filter(isGood)) await say(tx, ready, missingFor(ready, siblings));
}

/** All pointers in this one commit, when each of the clouds has a version that is ready. */
async function promoteTogether(tx: Tx, version: ImageVersion): Promise<void> {
  const siblings = await siblingsOf(tx, version);
  const missing = missingFor(version, siblings);
  if (missing !== null) {
    await say(tx, version, missing);
    return;
  }
  const newest = cloudsOf(version).map((cloud) =>
    siblings.findLast((one) => one.cloud === cloud && isGood(one)),
  );
  await promoteAll(
    tx,
    newest.filter((one) => one !== undefined),
  );
}

/** All or none: where one is not newer than what is current, all stay as they are. */
async function promoteAll(tx: Tx, versions: readonly ImageVersion[]): Promise<void> {
  const late = await firstLate(tx, versions);
  for (const version of versions) {
    await say(tx, version, late);
    if (late === null) await promote(tx, version.id);
  }
}

/** Why none of them is promoted: of two builds that race, the older one does not win by being slow. */
async function firstLate(tx: Tx, versions: readonly ImageVersion[]): Promise<string | null> {
  for (const version of versions) {
    const stream = await streamOf(tx, version);
    if (stream !== undefined && (await isOlder(tx, version, stream)))
      return `a newer version is current already in cloud ${version.cloud}`;
  }
  return null;
}

/** What the version waits for before it is promoted, or never is; null where all is there. */
function missingFor(version: ImageVersion, siblings: readonly ImageVersion[]): string | null {
  const missing = cloudsOf(version).flatMap((cloud) => {
    const own = siblings.filter((one) => one.cloud === cloud);
    if (own.some(isGood)) return [];
    const failed = own.findLast(({ state }) => state === 'failed');
    return [failed === undefined ? `a version in ${cloud}` : `one in ${cloud}, where ${failed.name} failed`];
  });
  return missing.length === 0 ? null : `it is promoted together with ${missing.join(' and ')}`;
}

/** The versions of its stream that the build made in any cloud, itself included, the oldest first. */
async function siblingsOf(tx: Tx, { build_id: build, stream }: ImageVersion): Promise<ImageVersion[]> {
  const all = build === null ? [] : await versionsOfBuild(tx.db, build);
  return all.filter((one) => one.stream === stream);
}

function isGood({ state, bad }: ImageVersion): boolean {
  return state === 'ready' && bad === 0;
}

/** Where the version may be promoted: in its own cloud, and in those that it waits for. */
function cloudsOf({ cloud, promotion }: ImageVersion): string[] {
  const clouds = promotion.how === 'when-all' ? promotion.clouds : [];
  return [...new Set([cloud, ...clouds])].toSorted();
}

function streamOf(tx: Tx, { stream: name, cloud }: ImageVersion): Promise<ImageStream | undefined> {
  return lockStream(tx.db, { name, cloud });
}

async function say(tx: Tx, { id }: ImageVersion, reason: string | null): Promise<void> {
  await patchVersion(tx.db, id, ['ready'], { reason });
}
