import { createFleet, type Fleet, type PoolSettings } from '#controller/fleet';
import { createLogger, type Logger } from '#controller/logger';
import { createAgents, type Agents } from '#simulator/agents';
import { createVirtualClock, type VirtualClock } from '#simulator/clock';
import { createScriptedCloud, type ScriptedCloud } from '#simulator/clouds';
import type { Model } from '#simulator/model';
import { startReaper } from '#simulator/reaper';
import { createWorld, type World } from '#simulator/world';
import { openCloudOf } from './fleet-of.ts';
import { TIMEOUTS } from './timeouts.ts';

/** Everything but who decides. */
export interface Site {
  readonly clock: VirtualClock;
  readonly logger: Logger;
  readonly world: World;
  readonly clouds: readonly ScriptedCloud[];
  readonly fleet: Fleet;
  readonly agents: Agents;
  /** All templates have such a pool from now on. */
  setPools(pool: PoolSettings): void;
  /** Whoever finds nodes for jobs; others take over when the controller is started anew. */
  driver: Driver | undefined;
}

/** What finds nodes for jobs. */
export interface Driver {
  /** An agent has connected; its node becomes ready, now or later. */
  connected(nodeId: string): void;
  /** Resolves when no cloud is being asked to launch the node. */
  launchSettled(nodeId: string): Promise<void>;
  /** It decides nothing any more. */
  stop(): Promise<void>;
}

/** 2015-01-01: the day on which the trace of openstack/nova begins. */
const START_MS = Date.UTC(2015, 0, 1);

export function createSite(model: Model, seed: number, pool: PoolSettings): Site {
  const clock = createVirtualClock(START_MS);
  const world = createWorld(clock);
  const clouds = model.clouds.map((cloud) =>
    createScriptedCloud({
      model: cloud,
      clock,
      startMs: START_MS,
      seed,
      guard,
      onCreated: (resource) => agents.start(resource),
    }),
  );
  const byName = new Map(clouds.map((cloud) => [cloud.name, cloud]));
  const agents = createAgents({
    world,
    resourceOf: (id) => byName.get(world.nodes.get(id)?.cloud ?? '')?.resources.get(id),
    onConnected: (id) => site.driver?.connected(id),
    agentLostMs: TIMEOUTS.agentLostMs,
  });
  const site: Site = {
    clock,
    logger: createLogger('silent'),
    world,
    clouds,
    fleet: createFleet(openClouds(pool)),
    agents,
    setPools(next) {
      site.fleet.replace(openClouds(next));
      world.commit(() => world.record({ kind: 'configuration', data: { id: 'fleet', state: 'replaced' } }));
    },
    driver: undefined,
  };
  startReaper({
    world,
    cloudOf: (name) => scripted(name).cloud,
    launchSettled: async (id) => site.driver?.launchSettled(id),
  });
  return site;

  function openClouds(pool: PoolSettings) {
    return model.clouds.map((cloud) => openCloudOf(scripted(cloud.name), cloud, pool));
  }

  function scripted(name: string): ScriptedCloud {
    const cloud = byName.get(name);
    if (cloud === undefined) throw new Error(`there is no cloud ${name}`);
    return cloud;
  }

  /** The cloud's own look at whoever calls it. */
  function guard(call: 'launch' | 'remove', nodeId: string): void {
    const node = world.nodes.get(nodeId);
    if (node !== undefined && !(call === 'remove' && node.state === 'held')) return;
    const broken =
      node === undefined
        ? `a ${call} for node ${nodeId}, which has no row (I2)`
        : `a removal of node ${nodeId}, which is held (I6)`;
    world.violations.push(broken);
    throw new Error(broken);
  }
}
