import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { swapState, type Build, type BuildState, type NewBuild } from '#controller/store';

/** The life of a build: `queued` until its first job starts, `finished` with its last. */
const TRANSITIONS: Transitions<BuildState> = {
  queued: ['running', 'finished'],
  running: ['finished'],
  finished: [],
};

export async function moveBuild(
  tx: Tx,
  id: string,
  from: readonly BuildState[],
  to: BuildState,
  set: Partial<NewBuild> = {},
): Promise<Build | undefined> {
  assertTransition('build', TRANSITIONS, from, to);
  const build = await swapState(tx.db, 'builds', id, from, to, set, tx.at);
  if (build === undefined) return undefined;
  const { number, result, reason } = build;
  await tx.record({ kind: 'build', buildId: id, data: { id, state: to, number, result, reason } });
  return build;
}
