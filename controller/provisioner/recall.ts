import { subjectOf, type Fleet } from '#controller/fleet';
import { pinOf } from '#controller/matching';
import {
  arrivalsSince,
  newestNodes,
  recentLaunches,
  type Db,
  type LaunchedNode,
  type NodeFailure,
} from '#controller/store';
import type { Pools } from './pool/index.ts';
import type { Breakers } from './breaker.ts';
import { REMEMBERED_LAUNCHES, type LaunchHistory, type LaunchOutcome } from './launch-history.ts';
import type { LaunchRates } from './launch-rates.ts';

interface Memory {
  fleet: Fleet;
  history: LaunchHistory;
  breakers: Breakers;
  rates: LaunchRates;
}

/** Launches that a rate may still remember: more at once than that are nobody's burst. */
const NEWEST = 2_000;

/**
 * After a start: what the provisioner learned in its earlier life, from the nodes that it left in the store. Without it, every restart
 * would send a burst of launches to the template that was failing all along.
 */
export async function recallLaunches(db: Db, { fleet, history, breakers, rates }: Memory): Promise<void> {
  for (const template of fleet.templates()) {
    const launches = await recentLaunches(db, template.cloud, template.name, REMEMBERED_LAUNCHES);
    for (const { reason, pin, ...outcome } of launches.flatMap(outcomesOf).toSorted((a, b) => a.at - b.at)) {
      if (pin === null) history.note(template, outcome);
      const subject = subjectOf(template, pin);
      if (outcome.failure === null) breakers.succeeded(subject);
      else breakers.failed(subject, reason, outcome.at);
    }
  }
  for (const { cloud: name, created_at: at } of (await newestNodes(db, NEWEST)).toReversed()) {
    const cloud = fleet.cloud(name);
    if (cloud !== undefined) rates.take(cloud, at);
  }
}

/** What a pool learns from: older jobs say little of those to come. */
const ARRIVALS_MS = 28 * 24 * 60 * 60_000;
const MOST_ARRIVALS = 200_000;

/** After a start: the jobs of the past, that pools learn from. Where no pool learns, none is read. */
export async function recallArrivals(
  db: Db,
  { fleet, pools }: Pick<Memory, 'fleet'> & { pools: Pools },
  now: number,
): Promise<void> {
  if (fleet.templates().every(({ pool }) => pool.learning === null)) return;
  for (const { runs_on: runsOn, queued_at: at } of await arrivalsSince(db, now - ARRIVALS_MS, MOST_ARRIVALS))
    pools.arrived(runsOn, at);
}

/** `pin`: the version of an image that it tells about; null where it tells about the template. */
type Outcome = LaunchOutcome & { reason: string; pin: string | null };

/** As `learnFrom` learned it: what became of a node after it was ready is no failed start. */
function outcomesOf(node: LaunchedNode): Outcome[] {
  const { failure, ready_at: readyAt } = node;
  const pin = pinOf(node);
  if (readyAt !== null)
    return [{ at: readyAt, failure: null, startMs: readyAt - node.created_at, reason: '', pin }];
  if (!counts(failure)) return [];
  // It was stopped as soon as it had failed; that it was removed is later news.
  const at = node.stopped_at ?? node.state_since;
  return [{ at, failure, startMs: null, reason: node.reason ?? 'unknown', pin }];
}

function counts(failure: NodeFailure | null): failure is Exclude<NodeFailure, 'aborted'> {
  return failure !== null && failure !== 'aborted';
}
