import type { Cloud } from '#controller/clouds';
import { moveNode, type World } from '#simulator/world';

interface Deps {
  world: World;
  cloudOf(name: string): Cloud;
  /** Resolves when the cloud is not being asked to launch the node. */
  launchSettled(nodeId: string): Promise<void>;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5 * 60_000;

/** Removes every node that is to go, each on its own and until its cloud confirms, as the controller's reaper does without thresholds. */
export function startReaper({ world, cloudOf, launchSettled }: Deps): void {
  const { clock } = world;
  const never = new AbortController().signal;
  world.subscribe((changes) => {
    for (const { kind, data } of changes)
      if (kind === 'node' && data.state === 'deleting') void remove(data.id, String(data['cloud']), 0);
  });

  /** Never rejects: it tries again until it succeeds. */
  async function remove(nodeId: string, cloud: string, failures: number): Promise<void> {
    await launchSettled(nodeId);
    try {
      await cloudOf(cloud).remove({ id: nodeId, resource: null }, never);
      world.commit(() => moveNode(world, nodeId, ['deleting'], 'deleted', { deleted_at: clock.now() }));
    } catch {
      const retryMs = Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS);
      clock.after(retryMs, () => void remove(nodeId, cloud, failures + 1));
    }
  }
}
