import { createLabelMatcher } from '#controller/matching';
import type { Driver, Site } from '#simulator/site';
import { admit } from '#simulator/world';
import { startScheduling } from '../scheduling.ts';
import { average, nodesToLaunch, type Averages } from './excess-workload.ts';
import { createLaunches } from './launches.ts';
import { snapshotOf } from './load.ts';
import { placesFor } from './provision.ts';
import { retain } from './retention.ts';

/** `hudson.model.LoadStatistics.CLOCK`, which is `NodeProvisionerInvoker`'s recurrence period too. */
const CLOCK_MS = 10_000;
/** `NodeProvisionerInvoker`'s initial delay, in periods: "some initial warm up time". */
const FIRST_LOOK = 10;
/** `ComputerRetentionWork` looks at nodes once a minute. */
const RETENTION = 6;

/**
 * Jenkins' planner with its defaults, as of 2026: `hudson.slaves.NodeProvisioner`. It keeps statistics of each label every 10 s
 * (`hudson.model.LoadStatistics`), and looks at them 100 s after its start and then every 10 s. A node that its cloud has launched becomes one
 * of Jenkins' own at the next look. Who gets a node once it is ready is decided by Footman's scheduler, at once: what differs is the planner.
 */
export function startJenkins(site: Site): Driver {
  const { world, clock } = site;
  const matcher = createLabelMatcher();
  const launches = createLaunches(site);
  const averages = new Map<string, Averages>();
  /** Nodes of Jenkins' own, until they are gone; and those that are not, whose agents have connected. */
  const added = new Set<string>();
  const early = new Set<string>();
  let looks = 0;

  const scheduling = startScheduling(site);
  const unsubscribe = world.subscribe((changes) => {
    for (const { kind, data } of changes) {
      if (kind === 'node' && data.state === 'deleted') {
        added.delete(data.id);
        early.delete(data.id);
      }
      if (kind === 'job' && data.state === 'queued') learn(String(data['runsOn']));
    }
  });
  let callOff = clock.after(CLOCK_MS, look);

  return {
    connected(nodeId) {
      if (added.has(nodeId)) admit(world, nodeId);
      else early.add(nodeId);
    },
    launchSettled: launches.settled,
    async stop() {
      callOff();
      unsubscribe();
      await scheduling.stop();
    },
  };

  function learn(label: string): void {
    if (!averages.has(label)) averages.set(label, { available: 0, connecting: 0, queue: 0, planned: 0 });
  }

  function look(): void {
    looks += 1;
    if (looks % RETENTION === 0) retain(world);
    if (looks >= FIRST_LOOK) addLaunched();
    for (const [label, averaged] of averages) plan(label, averaged);
    callOff = clock.after(CLOCK_MS, look);
  }

  function addLaunched(): void {
    for (const id of launches.takeEnded()) {
      added.add(id);
      if (early.delete(id)) admit(world, id);
    }
  }

  function plan(label: string, averaged: Averages): void {
    const now = snapshotOf(label, { world, matcher, isAdded: (id) => added.has(id) });
    averaged.available = average(averaged.available, now.available);
    averaged.connecting = average(averaged.connecting, now.connecting);
    averaged.queue = average(averaged.queue, now.queue);
    if (looks < FIRST_LOOK) return;
    const planned = launches.planned(label);
    averaged.planned = average(averaged.planned, planned);
    const count = nodesToLaunch(now, averaged, planned);
    if (count === 0) return;
    for (const { cloud, template } of placesFor(label, count, site, matcher))
      launches.begin(cloud, template, label);
  }
}
