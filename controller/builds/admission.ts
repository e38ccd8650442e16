import type { Tx } from '#controller/events';
import { buildsInGroup, lockGroup, patchBuild, type Build } from '#controller/store';
import { buildHasPlace } from './places.ts';

/** Takes the build's place in its group, if there is one for it. */
export async function admitBuild(tx: Tx, build: Build): Promise<boolean> {
  const { concurrency_group: group } = build;
  if (group === null) return true;
  await lockGroup(tx.db, group, tx.at);
  if (!buildHasPlace(build, await buildsInGroup(tx.db, group))) return false;
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
