import type { Configuration } from '#controller/config';
import { createLostAgents, type LostAgents } from '#controller/gateway';
import { createReaper, createSweep, failNode, type Reaper, type Sweep } from '#controller/nodes';
import { createProvisioner, type CloudSet, type Provisioner } from '#controller/provisioner';
import type { Node } from '#controller/store';
import type { Ground } from './ground.ts';

/** What brings nodes and takes them away. */
export interface NodeParts {
  provisioner: Provisioner;
  reaper: Reaper;
  sweep: Sweep;
  lostAgents: LostAgents;
}

export function createNodeParts(
  ground: Ground,
  clouds: CloudSet,
  { timeouts, sweep: { interval, grace } }: Configuration,
  signal: AbortSignal,
): NodeParts {
  const { journal, tokens } = ground;
  const lostAgents = createLostAgents({ ...ground, agentLostMs: timeouts.agentLost });
  const provisioner = createProvisioner({
    ...ground,
    clouds,
    bootstrapToken: tokens.bootstrap,
    timeouts: {
      launchMs: timeouts.launch,
      connectMs: timeouts.connect,
      checkMs: timeouts.check,
      agentLostMs: timeouts.agentLost,
    },
    signal,
  });
  const reaper = createReaper({
    ...ground,
    cloudOf: (name) => clouds.find((open) => open.name === name)?.cloud,
    launchSettled: provisioner.launchSettled,
    signal,
  });
  const sweep = createSweep({ ...ground, clouds, onVanished, intervalMs: interval, graceMs: grace });
  return { provisioner, reaper, sweep, lostAgents };

  async function onVanished(node: Node): Promise<void> {
    const reason = 'its resource has vanished from the cloud';
    if (node.state === 'leased') await lostAgents.lost(node, reason);
    else await journal.commit((tx) => failNode(tx, node.id, reason));
  }
}
