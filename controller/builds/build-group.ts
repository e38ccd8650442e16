import type { Tx } from '#controller/events';
import { buildsInGroup, lockBuild, lockGroup, patchBuild, type Build } from '#controller/store';
import { groupName } from './admission.ts';
import { stopBuild } from './cancel.ts';

/** A pipeline's `concurrency`, evaluated. */
interface Group {
  group: string;
  limit: number;
  cancelInProgress: boolean;
}

/** Makes the build one of its group; where the pipeline says so, the older ones are asked to stop. */
export async function joinGroup(
  tx: Tx,
  build: Build,
  { group, limit, cancelInProgress }: Group,
): Promise<void> {
  const name = groupName(build, group);
  await lockGroup(tx.db, name, tx.at);
  await patchBuild(tx.db, build.id, { concurrency_group: name, concurrency_limit: limit });
  if (!cancelInProgress) return;
  const reason = `build #${build.number} has taken its place`;
  // Asked once more, a build would end what cleans up after it, too.
  const older = (await buildsInGroup(tx.db, name)).filter(
    ({ number, cancel_requested_at: askedAt }) => number < build.number && askedAt === null,
  );
  for (const { id } of older) await lockBuild(tx.db, id);
  for (const { id } of older) await stopBuild(tx, id, reason);
}
