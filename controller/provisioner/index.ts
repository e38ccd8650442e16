/** From node requests to nodes: candidates, failover, hedges, pools, launches. */
export { createBreakers, type Breakers, type BreakerState } from './breaker.ts';
export type { CandidateState, RequestExplanation } from './explanation.ts';
export { plannedNode } from './intend-node.ts';
export { createLaunchHistory, type LaunchHistory } from './launch-history.ts';
export { createLaunchRates, type LaunchRates } from './launch-rates.ts';
export type { Ledger } from './ledger.ts';
export { noSuchLabel } from './no-such-label.ts';
export type { OpenRequest } from './open-request.ts';
export type { NodeTimeouts } from './overdue.ts';
export type { Plan, PlannedLaunch } from './planned.ts';
export { createImageKeeper, createPools, type ImageKeeper, type Pools } from './pool/index.ts';
export { createProvisioner, type Provisioner } from './provisioner.ts';
export { recallArrivals, recallLaunches } from './recall.ts';
export { createStoreLedger } from './store-ledger.ts';
