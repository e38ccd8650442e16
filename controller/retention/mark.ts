import { audit, type Journal, type Tx } from '#controller/events';
import { findBuild, lockBuild, markDeleting, usesOfBuilds } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Fate } from './fate.ts';

/** Builds that are locked at a time. */
const BATCH = 50;

/**
 * Has the builds go of a plan, but for those that something needs by now; tells which. From here on nobody finds them, and the keeper removes
 * them.
 */
export async function markBuilds(
  journal: Journal,
  fates: readonly Fate[],
  signal: AbortSignal,
): Promise<Fate[]> {
  const marked: Fate[] = [];
  for (let from = 0; from < fates.length; from += BATCH) {
    signal.throwIfAborted();
    const batch = fates.slice(from, from + BATCH);
    marked.push(...(await journal.commit((tx) => markAll(tx, batch))));
  }
  return marked;
}

async function markAll(tx: Tx, fates: readonly Fate[]): Promise<Fate[]> {
  const marked: Fate[] = [];
  // In one order, whoever locks several.
  const inOrder = fates.toSorted((a, b) => (a.build.id < b.build.id ? -1 : 1));
  for (const { build } of inOrder) await lockBuild(tx.db, build.id);
  const ids = inOrder.map(({ build }) => build.id);
  const used = new Set((await usesOfBuilds(tx.db, ids)).map(({ build }) => build));
  for (const fate of inOrder) {
    if (used.has(fate.build.id) || !(await markDeleting(tx.db, fate.build.id, tx.at))) continue;
    await tell(tx, fate.build.id);
    marked.push(fate);
  }
  return marked;
}

/**
 * Has one build go because somebody wants that, whatever the rules say.
 *
 * @throws FootmanError `not-found`; `conflict` where it has not ended, is pinned, or something needs it
 */
export async function deleteBuildNow(journal: Journal, id: string, actor: string): Promise<void> {
  await journal.commit(async (tx) => {
    await lockBuild(tx.db, id);
    const build = await findBuild(tx.db, id);
    if (build === undefined) throw new FootmanError('not-found', `there is no build ${id}`);
    const { number, state, pinned_by: pinnedBy } = build;
    if (state !== 'finished')
      throw new FootmanError('conflict', `build ${number} has not ended`, {
        hint: 'wait for it, or cancel it first',
      });
    if (pinnedBy !== null)
      throw new FootmanError('conflict', `build ${number} was pinned by ${pinnedBy}`, {
        hint: `footman build unpin ${number}`,
      });
    const [use] = await usesOfBuilds(tx.db, [id]);
    if (use !== undefined) throw new FootmanError('conflict', `build ${number} is needed: ${use.why}`);
    if (!(await markDeleting(tx.db, id, tx.at)))
      throw new FootmanError('not-found', `there is no build ${number}`);
    await audit(tx, {
      actor,
      action: 'build.deleted',
      subject: id,
      data: { number, pipeline: build.pipeline },
    });
    await tell(tx, id);
  });
}

function tell(tx: Tx, id: string): Promise<void> {
  return tx.record({ kind: 'build', buildId: id, data: { id, state: 'deleting' } });
}
