import type { Configuration } from '#controller/config';
import type { Fleet } from '#controller/fleet';
import {
  createBreakers,
  createImageKeeper,
  createLaunchHistory,
  createLaunchRates,
  createPools,
  createProvisioner,
  createStoreLedger,
  recallArrivals,
  recallLaunches,
  type Breakers,
  type ImageKeeper,
  type LaunchHistory,
  type Pools,
  type Provisioner,
} from '#controller/provisioner';
import type { Ground } from './ground.ts';

/** What brings nodes, and what it has learned. */
export interface ProvisionerParts {
  provisioner: Provisioner;
  breakers: Breakers;
  history: LaunchHistory;
  pools: Pools;
  imageKeeper: ImageKeeper;
}

export async function createProvisionerParts(
  ground: Ground,
  fleet: Fleet,
  { timeouts }: Configuration,
  signal: AbortSignal,
): Promise<ProvisionerParts> {
  const { store, clock, matcher, tokens } = ground;
  const [breakers, rates, history] = [createBreakers(), createLaunchRates(), createLaunchHistory()];
  await recallLaunches(store.db, { fleet, history, breakers, rates });
  const imageKeeper = createImageKeeper({ ...ground, fleet });
  const pools = createPools({
    fleet,
    matcher,
    history,
    imageOf: imageKeeper.imageOf,
  });
  await recallArrivals(store.db, { fleet, pools }, clock.now());
  const provisioner = createProvisioner({
    ...ground,
    ledger: createStoreLedger(ground),
    fleet,
    breakers,
    rates,
    history,
    pools,
    bootstrapToken: tokens.bootstrap,
    timeouts: {
      launchMs: timeouts.launch,
      connectMs: timeouts.connect,
      checkMs: timeouts.check,
      agentLostMs: timeouts.agentLost,
    },
    signal,
  });
  return { provisioner, breakers, history, pools, imageKeeper };
}
