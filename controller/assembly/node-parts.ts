import type { SubmitDefaults } from '#controller/builds';
import type { Configuration } from '#controller/config';
import type { Tx } from '#controller/events';
import { countOccupancy, type Fleet } from '#controller/fleet';
import { createLostAgents, type HeldNodes, type LostAgents } from '#controller/gateway';
import { createHoldKeeper, type HoldKeeper } from '#controller/hold-keeper';
import { endHold } from '#controller/holds';
import { createHostKeeper, type HostKeeper } from '#controller/hosts';
import {
  createVersionKeeper,
  createVersionRemover,
  type VersionKeeper,
  type VersionRemover,
} from '#controller/images';
import {
  createConsoleKeeper,
  createMachine,
  createReaper,
  createRechecker,
  createSweep,
  failNode,
  type Machine,
  type Reaper,
  type Rechecker,
  type Sweep,
} from '#controller/nodes';
import { type Provisioner } from '#controller/provisioner';
import { createRebootKeeper, createReviver, type RebootKeeper, type Reviver } from '#controller/reboots';
import { holdOfNode, type Node } from '#controller/store';
import type { Ground } from './ground.ts';

/** What looks after nodes and takes them away. */
export interface NodeParts {
  reaper: Reaper;
  sweep: Sweep;
  rechecker: Rechecker;
  hostKeeper: HostKeeper;
  rebootKeeper: RebootKeeper;
  reviver: Reviver;
  holdKeeper: HoldKeeper;
  versionKeeper: VersionKeeper;
  imageRemover: VersionRemover;
  lostAgents: LostAgents;
  machine: Machine;
}

interface Surroundings {
  fleet: Fleet;
  heldNodes: HeldNodes;
  provisioner: Provisioner;
  /** The configuration that holds now. */
  running(): Configuration;
  submitDefaults: SubmitDefaults;
  signal: AbortSignal;
}

export function createNodeParts(
  ground: Ground,
  { fleet, heldNodes, provisioner, running, submitDefaults, signal }: Surroundings,
): NodeParts {
  const { journal } = ground;
  const { data, timeouts } = running();
  const machine = createMachine(data);
  const rebootKeeper = createRebootKeeper({ ...ground, fleet, rebootToken: ground.tokens.reboot, signal });
  const reviver = createReviver({ ...ground, fleet, rebootToken: ground.tokens.reboot, signal });
  const versionKeeper = createVersionKeeper({
    ...ground,
    fleet,
    heldNodes,
    settings: () => ({
      captureMs: running().images.captureTimeout,
      rollBackAfter: running().images.rollBackAfter,
    }),
    submitDefaults,
    signal,
  });
  const lostAgents = createLostAgents({
    ...ground,
    agentLostMs: timeouts.agentLost,
    cloudOf: fleet.connection,
    signal,
  });
  return {
    reaper: createReaper({
      ...ground,
      fleet,
      countOccupancy,
      machine,
      settings: () => running().teardown,
      launchSettled: callsSettled,
      keepConsole: createConsoleKeeper({ ...ground, cloudOf: fleet.connection }),
      signal,
    }),
    sweep: createSweep({
      ...ground,
      fleet,
      onVanished,
      settings: () => ({ intervalMs: running().sweep.interval, graceMs: running().sweep.grace }),
    }),
    rechecker: createRechecker({ ...ground, fleet }),
    hostKeeper: createHostKeeper({ ...ground, fleet, signal }),
    rebootKeeper,
    reviver,
    holdKeeper: createHoldKeeper({ ...ground, fleet, settings: () => running().holds, signal }),
    versionKeeper,
    imageRemover: createVersionRemover({
      ...ground,
      fleet,
      settings: () => ({
        preparedBytes: running().images.preparedDisk,
        heldMs: running().holds.keepSnapshots,
      }),
    }),
    lostAgents,
    machine,
  };

  /** Its cloud is asked for nothing that makes the node come (back), nor for an image of it. */
  async function callsSettled(nodeId: string): Promise<void> {
    await provisioner.launchSettled(nodeId);
    await rebootKeeper.nodeSettled(nodeId);
    await reviver.nodeSettled(nodeId);
    await versionKeeper.nodeSettled(nodeId);
  }

  async function onVanished(node: Node): Promise<void> {
    const reason = 'its resource has vanished from the cloud';
    if (node.state === 'leased' || node.state === 'uploading') await lostAgents.vanished(node, reason);
    else if (node.state === 'held') await journal.commit((tx) => endVanished(tx, node));
    else await journal.commit((tx) => failNode(tx, node.id, { reason, failure: 'vanished' }));
  }
}

/** There is nothing left to be held. */
async function endVanished(tx: Tx, { id }: Node): Promise<void> {
  const hold = await holdOfNode(tx.db, id);
  const outcome = 'ended: its machine has vanished from the cloud';
  if (hold !== undefined) await endHold(tx, hold.id, { state: 'released', outcome, actor: 'footman' });
}
