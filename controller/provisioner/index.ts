/** From node requests to nodes: candidates, quotas, failover, pools, launches. */
export { createBreakers, type Breakers, type BreakerState } from './breaker.ts';
export { cordonOf } from './cordon.ts';
export type { CandidateState, RequestExplanation } from './explanation.ts';
export { createFleet, type Fleet } from './fleet.ts';
export { createLaunchHistory, type LaunchHistory } from './launch-history.ts';
export { createLaunchRates, type LaunchRates } from './launch-rates.ts';
export type { Cordons, Ledger, OpenRequest } from './ledger.ts';
export { noSuchLabel } from './no-such-label.ts';
export { countOccupancy, type Occupancy, type Usage } from './occupancy.ts';
export type {
  CheckSettings,
  CloudLimits,
  LaunchRate,
  LearningSettings,
  OpenCloud,
  PoolSettings,
  PoolWindow,
  Quota,
  Reserve,
  Size,
  Template,
  TemplateLimits,
} from './open-cloud.ts';
export type { NodeTimeouts } from './overdue.ts';
export { plannedNode } from './intend-node.ts';
export type { Plan, PlannedLaunch } from './draft.ts';
export { createImageKeeper, createPools, type ImageKeeper, type Pools } from './pool/index.ts';
export { preferredFirst } from './preference.ts';
export { createProvisioner, type Provisioner } from './provisioner.ts';
export { recallArrivals, recallLaunches } from './recall.ts';
export { createStoreLedger } from './store-ledger.ts';
export { templateKey, type TemplateId } from './template-id.ts';
