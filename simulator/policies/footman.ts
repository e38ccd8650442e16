import { startLoop } from '#controller/loops';
import { createLabelMatcher } from '#controller/matching';
import {
  createBreakers,
  createLaunchHistory,
  createLaunchRates,
  createPools,
  createProvisioner,
} from '#controller/provisioner';
import { createScheduler } from '#controller/scheduler';
import { TIMEOUTS, type Driver, type Site } from '#simulator/site';
import { admit, createWorldLedger, createWorldQueue } from '#simulator/world';

/**
 * Loops run when something happens, or is due. What they do beside that, in case a wake-up was lost, costs time here and finds nothing: no
 * wake-up is lost in a simulation that does not say so.
 */
const IDLE_MS = 24 * 60 * 60_000;

interface Options {
  /** Longest time between two runs of a loop, in milliseconds. */
  idleMs?: number;
  /** Whether the loops hear of what happens; otherwise they find out by themselves. */
  hears?(): boolean;
}

/** The controller's own scheduler and provisioner, in its own loops. */
export function startFootman(site: Site, { idleMs = IDLE_MS, hears = () => true }: Options = {}): Driver {
  const { world, clock, fleet, logger } = site;
  const stopping = new AbortController();
  const matcher = createLabelMatcher();
  const history = createLaunchHistory();
  const pools = createPools({
    fleet,
    matcher,
    startMs: (template) => history.startMs(template, 0.5),
    imageOf: () => null,
  });
  const scheduler = createScheduler({ queue: createWorldQueue(world), clock, matcher });
  const provisioner = createProvisioner({
    ledger: createWorldLedger(world),
    clock,
    logger,
    matcher,
    fleet,
    breakers: createBreakers(),
    rates: createLaunchRates(),
    history,
    pools,
    bootstrapToken: () => '',
    timeouts: TIMEOUTS,
    signal: stopping.signal,
  });
  const common = { clock, logger, idleMs };
  const loops = {
    scheduler: startLoop({ name: 'scheduler', run: scheduler.run, ...common }),
    provisioner: startLoop({ name: 'provisioner', run: provisioner.run, ...common }),
  };
  const unsubscribe = world.subscribe((changes) => {
    const [concerns, plans] = [scheduler.concerns(changes), provisioner.observe(changes)];
    if (!hears()) return;
    if (concerns) loops.scheduler.wake();
    if (plans) loops.provisioner.wake();
  });

  return {
    connected: (nodeId) => admit(world, nodeId),
    launchSettled: provisioner.launchSettled,
    async stop() {
      unsubscribe();
      stopping.abort();
      await Promise.all([loops.scheduler.stop(), loops.provisioner.stop(), provisioner.settled()]);
    },
  };
}
