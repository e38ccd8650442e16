import type { Cordons, Fleet } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import type { ProjectUsage } from '#controller/queue';
import type { Node } from '#controller/store';
import type { Breakers } from './breaker.ts';
import type { LaunchHistory } from './launch-history.ts';
import type { LaunchRates } from './launch-rates.ts';
import type { OpenRequest } from './open-request.ts';
import type { Pools } from './pool/index.ts';

/** The version of each image stream that nodes are made from now, by `versionKey`; a stream without one is not there. */
export type CurrentVersions = ReadonlyMap<string, string>;

/** Names a stream in a cloud. */
export function versionKey({ cloud, stream }: { cloud: string; stream: string }): string {
  return `${cloud}/${stream}`;
}

/** All that a plan depends on. */
export interface Situation {
  /** Open requests, in no order. */
  requests: readonly OpenRequest[];
  /** All nodes that are not yet gone, oldest first. */
  nodes: readonly Node[];
  usage: ProjectUsage;
  cordons: Cordons;
  /** Static hosts that may serve a node now, by cloud. */
  freeHosts: ReadonlyMap<string, readonly string[]>;
  /** Why others are quarantined, by cloud and name. */
  hostTroubles: ReadonlyMap<string, ReadonlyMap<string, string>>;
  currentVersions: CurrentVersions;
  fleet: Fleet;
  matcher: LabelMatcher;
  breakers: Breakers;
  rates: LaunchRates;
  history: LaunchHistory;
  pools: Pools;
  /** Milliseconds since the epoch. */
  now: number;
}
