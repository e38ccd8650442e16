import type { LabelMatcher } from '#controller/matching';
import type { World } from '#simulator/world';

/** What Jenkins counts for a label: `hudson.model.LoadStatistics.LoadStatisticsSnapshot`. Every node has one executor. */
export interface Snapshot {
  /** Executors of agents that are connected, those at work included. */
  online: number;
  /** Those of them that can take a job. */
  available: number;
  /** Executors of Jenkins' nodes whose agents have not connected yet. */
  connecting: number;
  /** Jobs that wait for such an executor. */
  queue: number;
}

export function snapshotOf(
  label: string,
  { world, matcher, isAdded }: { world: World; matcher: LabelMatcher; isAdded(nodeId: string): boolean },
): Snapshot {
  const snapshot: Snapshot = { online: 0, available: 0, connecting: 0, queue: 0 };
  for (const node of world.nodes.all()) {
    if (!matcher.matches(label, node.labels)) continue;
    const isReady = node.state === 'ready' && node.disconnected_at === null;
    if (isReady) snapshot.available += 1;
    if (isReady || node.state === 'leased') snapshot.online += 1;
    if (node.state === 'connecting' && isAdded(node.id)) snapshot.connecting += 1;
  }
  for (const { runsOn } of world.queue.all()) if (runsOn === label) snapshot.queue += 1;
  return snapshot;
}
