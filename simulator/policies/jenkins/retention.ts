import { UNLEASED } from '#controller/nodes';
import { TIMEOUTS } from '#simulator/site';
import { failNode, retireUnleased, type World } from '#simulator/world';

/**
 * How long a node that never got a job is kept, in milliseconds: ten minutes, the default of the Docker plugin's
 * `DockerOnceRetentionStrategy`. A node that had a job goes with it.
 */
const IDLE_MS = 10 * 60_000;

/** Lets go of nodes that nobody uses, and of those whose agents don't connect or are lost. */
export function retain(world: World): void {
  const now = world.clock.now();
  world.commit(() => {
    for (const { id, state, state_since: since, disconnected_at: lostAt } of world.nodes.all()) {
      if (!(UNLEASED as readonly string[]).includes(state)) continue;
      if (lostAt !== null && now - lostAt >= TIMEOUTS.agentLostMs)
        failNode(world, id, { reason: 'its agent was lost', failure: 'lost' });
      else if (state === 'connecting' && now - since >= TIMEOUTS.connectMs)
        failNode(world, id, { reason: 'its agent did not dial in', failure: 'connect' });
      else if (state === 'ready' && now - since >= IDLE_MS)
        retireUnleased(world, id, 'it was idle for too long');
    }
  });
}
