import { nodesOfOtherImages, type Db, type ImageStream, type Node } from '#controller/store';

/**
 * Whether the cloud may be why these nodes of the stream's current version did not come up, the newest first: while they failed, nodes of other
 * images failed there too, and none came up.
 */
export async function isCloudToBlame(
  db: Db,
  { cloud, current }: Pick<ImageStream, 'cloud' | 'current'>,
  failures: readonly Node[],
): Promise<boolean> {
  const [newest, oldest] = [failures[0], failures.at(-1)];
  if (newest === undefined || oldest === undefined || current === null) return false;
  const others = await nodesOfOtherImages(db, { cloud, versionId: current, sinceNode: oldest.id });
  const until = endOf(newest);
  const cameUp = others.some(({ ready_at: readyAt }) => readyAt !== null && readyAt <= until);
  return !cameUp && others.some((node) => node.failure !== null && node.created_at <= until);
}

/** When the node had failed: it is stopped at once, and removed later. */
function endOf({ stopped_at: stoppedAt, state_since: since }: Node): number {
  return stoppedAt ?? since;
}
