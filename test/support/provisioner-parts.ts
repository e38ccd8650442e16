import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import type { LabelMatcher } from '#controller/matching';
import {
  createBreakers,
  createLaunchHistory,
  createLaunchRates,
  createPools,
  createProvisioner,
  createStoreLedger,
  type Breakers,
  type LaunchHistory,
  type LaunchRates,
  type Pools,
  type Provisioner,
} from '#controller/provisioner';
import type { Store } from '#controller/store';

/** A provisioner, and what it learns. */
export interface ProvisionerParts {
  provisioner: Provisioner;
  breakers: Breakers;
  rates: LaunchRates;
  history: LaunchHistory;
  pools: Pools;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  matcher: LabelMatcher;
  fleet: Fleet;
  signal: AbortSignal;
  timeouts?: { launchMs: number; connectMs: number; checkMs: number; agentLostMs: number };
}

const MINUTE_MS = 60_000;
const TIMEOUTS = {
  launchMs: MINUTE_MS,
  connectMs: MINUTE_MS,
  checkMs: MINUTE_MS,
  agentLostMs: MINUTE_MS,
} as const;

/** Over a store, as the composition root puts them together; they have learned nothing yet, and images have no versions. */
export function createProvisionerParts({ timeouts = TIMEOUTS, ...ground }: Deps): ProvisionerParts {
  const [breakers, rates, history] = [createBreakers(), createLaunchRates(), createLaunchHistory()];
  const pools = createPools({
    ...ground,
    history,
    imageOf: () => null,
  });
  const provisioner = createProvisioner({
    ...ground,
    ledger: createStoreLedger(ground),
    breakers,
    rates,
    history,
    pools,
    bootstrapToken: () => 'token',
    timeouts,
  });
  return { provisioner, breakers, rates, history, pools };
}
