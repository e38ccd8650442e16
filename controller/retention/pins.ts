import { audit, type Journal } from '#controller/events';
import { findBuild, pinBuild as writePin, type Build } from '#controller/store';
import { FootmanError } from '#shared/errors';

/** Has a build stay, with all that it left, until somebody unpins it. Pinned again, the last word counts. @throws FootmanError `not-found` */
export function pinBuild(
  journal: Journal,
  id: string,
  { actor, reason }: { actor: string; reason: string | null },
): Promise<Build> {
  return change(journal, id, actor, { pinned_by: actor, pin_reason: reason });
}

/** One that isn't pinned stays as it is. @throws FootmanError `not-found` */
export function unpinBuild(journal: Journal, id: string, actor: string): Promise<Build> {
  return change(journal, id, actor, { pinned_by: null, pin_reason: null });
}

function change(
  journal: Journal,
  id: string,
  actor: string,
  pin: Pick<Build, 'pinned_by' | 'pin_reason'>,
): Promise<Build> {
  return journal.commit(async (tx) => {
    const isPinned = pin.pinned_by !== null;
    const found = await writePin(tx.db, id, { ...pin, pinned_at: isPinned ? tx.at : null });
    const build = found ? await findBuild(tx.db, id) : undefined;
    if (build === undefined) throw new FootmanError('not-found', `there is no build ${id}`);
    const { number, state } = build;
    const action = isPinned ? 'build.pinned' : 'build.unpinned';
    await audit(tx, { actor, action, subject: id, data: { number, reason: pin.pin_reason } });
    await tx.record({ kind: 'build', buildId: id, data: { id, state, pinned: isPinned } });
    return build;
  });
}
