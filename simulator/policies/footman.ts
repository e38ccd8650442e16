import { startLoop } from '#controller/loops';
import { createLabelMatcher } from '#controller/matching';
import {
  createBreakers,
  createLaunchHistory,
  createLaunchRates,
  createPools,
  createProvisioner,
} from '#controller/provisioner';
import { TIMEOUTS, type Driver, type Site } from '#simulator/site';
import { admit, createWorldLedger } from '#simulator/world';
import { IDLE_MS, startScheduling, type LoopOptions } from './scheduling.ts';

/** The controller's own scheduler and provisioner, in its own loops. */
export function startFootman(site: Site, options: LoopOptions = {}): Driver {
  const { idleMs = IDLE_MS, hears = () => true } = options;
  const { world, clock, fleet, logger } = site;
  const stopping = new AbortController();
  const matcher = createLabelMatcher();
  const history = createLaunchHistory();
  const pools = createPools({
    fleet,
    matcher,
    history,
    imageOf: () => null,
  });
  const scheduling = startScheduling(site, options);
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
  const loop = startLoop({ name: 'provisioner', run: provisioner.run, clock, logger, idleMs });
  const unsubscribe = world.subscribe((changes) => {
    if (provisioner.observe(changes) && hears()) loop.wake();
  });

  return {
    connected: (nodeId) => admit(world, nodeId),
    launchSettled: provisioner.launchSettled,
    async stop() {
      unsubscribe();
      stopping.abort();
      await Promise.all([scheduling.stop(), loop.stop(), provisioner.settled()]);
    },
  };
}
