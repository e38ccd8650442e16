import type { Tx } from '#controller/events';
import {
  findVersion,
  lockStream,
  newestNodesOfVersion,
  recordDecline,
  type ImageVersion,
  type Node,
} from '#controller/store';
import type { Intent } from './intend-node.ts';
import type { PlannedLaunch } from './planned.ts';

/**
 * What the node of a launch is made from, read behind the lock of its stream, which retention takes, too: no version goes while a node is about
 * to be made of it (I5). Undefined where there is nothing to make it from any more; the request that asked for that very version hears a
 * final no.
 */
export async function originOf(
  tx: Tx,
  launch: PlannedLaunch,
): Promise<Pick<Intent, 'versionId' | 'isPinned'> | undefined> {
  const { pin, template, request } = launch;
  if (pin === null) {
    if (template.stream === null) return {};
    const stream = await lockStream(tx.db, { name: template.stream, cloud: template.cloud });
    return typeof stream?.current === 'string' ? { versionId: stream.current } : undefined;
  }
  const reason = await whyNot(tx, pin);
  if (reason === null) return { versionId: pin, isPinned: true };
  const { cloud, name } = template;
  const decline = { cloud, template: name, code: 'image', reason, final: true, at: tx.at } as const;
  if (request !== null) await recordDecline(tx.db, request.id, decline);
  return undefined;
}

/** Whether its cloud has the image, as far as anybody knows. */
export function isThere({ state }: ImageVersion): boolean {
  return state === 'verifying' || state === 'ready' || state === 'retired';
}

/** Why no node can be made of the version, now and later; null when one can. */
async function whyNot({ db }: Tx, id: string): Promise<string | null> {
  const version = await findVersion(db, id);
  if (version === undefined) return 'its image is not there any more';
  await lockStream(db, { name: version.stream, cloud: version.cloud });
  // Read anew behind the lock: retention may have been first.
  const { name, state, bad, reason } = (await findVersion(db, id)) ?? version;
  const why = reason === null ? '' : `: ${reason}`;
  if (bad !== 0) return `image ${name} is bad${why}`;
  if (state !== 'ready' && state !== 'verifying') return `image ${name} is ${state}${why}`;
  const newest = await newestNodesOfVersion(db, id, LOOKED_AT);
  const last = whyHopeless(newest);
  return last === null
    ? null
    : `${ENOUGH} nodes of image ${name} did not come up, and none ever did: ${last}`;
}

const LOOKED_AT = 20;
/** So many that did not come up are no accident. */
const ENOUGH = 3;

/** Why the last one did not come up, where none ever did: that a cloud failed to launch them says nothing of the image. */
function whyHopeless(newest: readonly Node[]): string | null {
  if (newest.some(({ ready_at: readyAt }) => readyAt !== null)) return null;
  const failed = newest.filter(({ failure }) => failure === 'connect' || failure === 'check');
  return failed.length < ENOUGH ? null : (failed[0]?.reason ?? 'unknown');
}
