import type { Tx } from '#controller/events';
import { buildsInGroup, lockGroup, patchBuild, type Build } from '#controller/store';

/** A place in the group for the build if there is one; those that came first go first. */
export async function admitBuild(tx: Tx, build: Build): Promise<boolean> {
  const { concurrency_group: group, concurrency_limit: limit } = build;
  if (group === null) return true;
  await lockGroup(tx.db, group, tx.at);
  const others = (await buildsInGroup(tx.db, group)).filter(({ id }) => id !== build.id);
  const before = others.filter(({ admitted_at: at, number }) => at !== null || number < build.number);
  if (before.length >= (limit ?? 1)) return false;
  await patchBuild(tx.db, build.id, { admitted_at: tx.at });
  return true;
}

/**
 * Groups of different projects have nothing to do with each other. Nor have those of a fork with anybody's: whoever wrote its pipeline chose
 * the group, and could otherwise cancel or hold up what others build. Its pull request is the border.
 */
export function groupName(build: Grouped, group: string): string {
  // Neither part before the slash has one.
  return `${build.project_id ?? ''}${strangerOf(build)}/${group}`;
}

type Grouped = Pick<Build, 'id' | 'project_id' | 'trust' | 'trigger'>;

function strangerOf({ id, trust, trigger }: Grouped): string {
  if (trust === 'trusted') return '';
  const number = trigger.pullRequest?.number;
  return number === undefined ? `#build-${id}` : `#pr-${number}`;
}
