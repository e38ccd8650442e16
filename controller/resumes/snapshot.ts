import type { Journal, Tx } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { auditHold, findLiveHold, recordHold, type Caller } from '#controller/holds';
import { beginHeldCapture } from '#controller/images';
import { findBuild, findNode, findVersion, patchHold, type Hold, type ImageVersion } from '#controller/store';
import { FootmanError } from '#shared/errors';

interface Deps {
  journal: Journal;
  fleet: Pick<Fleet, 'connection'>;
}

/**
 * Has the held machine captured, which ends the hold when it has succeeded: the keeper of image versions asks the cloud. While that goes on,
 * asking again gives the same version.
 *
 * @throws FootmanError `not-found`, `forbidden`; `conflict` for a hold that is over, or whose cloud can't capture
 */
export function snapshotHold(
  { journal, fleet }: Deps,
  id: string,
  caller: Caller,
): Promise<{ hold: Hold; version: ImageVersion }> {
  return journal.commit(async (tx) => {
    const hold = await findLiveHold(tx, id, caller);
    const standing = await standingVersion(tx, hold);
    if (standing !== undefined) return { hold, version: standing };
    if (hold.admitted === 0)
      throw new FootmanError('conflict', `hold ${id} has only just begun: try again in a moment`);
    if (fleet.connection(hold.cloud)?.images === undefined)
      throw new FootmanError('conflict', `cloud ${hold.cloud} can't capture its nodes`, {
        hint: `footman hold extend ${id} keeps the machine itself for longer`,
      });
    const node = await findNode(tx.db, hold.node_id);
    const build = await findBuild(tx.db, hold.build_id);
    if (node === undefined || build === undefined) throw new Error(`hold ${id} has no node or no build`);
    const version = await beginHeldCapture(tx, hold, node, build);
    const captured = (await patchHold(tx.db, id, { version_id: version.id })) ?? hold;
    await auditHold(tx, captured, 'hold.snapshot', caller.actor, { version: version.name });
    await recordHold(tx, captured, { snapshot: version.state });
    return { hold: captured, version };
  });
}

/** What it is being captured as; one that failed may be tried again. */
async function standingVersion({ db }: Tx, { version_id: id }: Hold): Promise<ImageVersion | undefined> {
  const version = id === null ? undefined : await findVersion(db, id);
  return version?.state === 'capturing' ? version : undefined;
}
