import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  tuple,
  type Arbitrary,
} from 'fast-check';
import type { CloudModel, FaultRates, Model, TemplateModel } from '#simulator/model';
import type { Spread } from '#simulator/random';

/** A small world, and what happens in it. Times in milliseconds since its beginning. */
export interface Schedule {
  model: Model;
  minReady: number;
  seed: number;
  jobs: readonly ScheduledJob[];
  events: readonly ScheduledEvent[];
  /** Share of the changes that the loops do not hear of: a lost event costs time, never truth. */
  deafness: number;
  /** A second controller takes itself for the one that gives nodes to jobs. */
  hasTwin: boolean;
}

export interface ScheduledJob {
  at: number;
  runsOn: string;
  durationMs: number;
  /** Its node is kept when it ends. */
  isHeld: boolean;
}

/** What happens beside jobs. `pick` chooses a node among those that are there. */
export type ScheduledEvent =
  | { at: number; kind: 'restart' }
  | { at: number; kind: 'lose' | 'delete' | 'release'; pick: number }
  | { at: number; kind: 'cordon' | 'uncordon'; target: string };

const SPAN_MS = 5 * 60_000;
const LABELS = ['a', 'b', 'c'];
const EXPRESSIONS = ['a', 'b', 'c', 'a && b', 'a || c', '!a', 'a && !b', 'nobody'];
const TARGETS = ['one', 'two', 'one/first', 'one/second', 'two/first'];

const at = nat(SPAN_MS);
const spread = tuple(integer({ min: 1, max: 30_000 }), constantFrom(1, 2, 8)).map(([medianMs, tail]) => ({
  medianMs,
  p95Ms: medianMs * tail,
}));
/** Mostly none: faults of all kinds at once leave little to look at. */
const rate = oneof(
  { weight: 7, arbitrary: constant(0) },
  { weight: 2, arbitrary: constant(0.3) },
  { weight: 1, arbitrary: constant(1) },
);
const rates: Arbitrary<FaultRates> = record({
  failure: rate,
  abort: rate,
  hang: rate,
  silence: rate,
  loss: rate,
  removal: constantFrom(0, 0.5),
});

function template(name: string): Arbitrary<TemplateModel> {
  return record({
    name: constant(name),
    labels: array(constantFrom(...LABELS), { minLength: 1, maxLength: 3 }).map((labels) => [
      ...new Set(labels),
    ]),
    maxNodes: constantFrom(null, 1, 2, 5),
    weight: constantFrom(0, 100),
    cost: constant(1),
    launch: spread,
    connect: spread,
    remove: spread,
    rates,
  });
}

function cloud(name: string, templates: Arbitrary<TemplateModel[]>): Arbitrary<CloudModel> {
  return record({
    name: constant(name),
    maxNodes: constantFrom(null, 1, 3, 10),
    launchRate: constantFrom(null, { perMinute: 10, burst: 2 }),
    outages: array(
      tuple(at, nat(120_000)).map(([fromMs, lasts]) => ({ fromMs, untilMs: fromMs + lasts })),
      { maxLength: 1 },
    ),
    templates,
  });
}

const model: Arbitrary<Model> = tuple(
  cloud('one', tuple(template('first'), template('second'))),
  cloud('two', tuple(template('first'))),
).map((clouds) => modelOf(clouds, 5 * 60_000));

export const jobs: Arbitrary<ScheduledJob[]> = array(
  record({
    at,
    runsOn: constantFrom(...EXPRESSIONS),
    durationMs: oneof(constant(0), nat(180_000)),
    isHeld: boolean(),
  }),
  { minLength: 1, maxLength: 10 },
);

const event: Arbitrary<ScheduledEvent> = oneof(
  record({ at, kind: constant('restart' as const) }),
  record({ at, kind: constantFrom('lose' as const, 'delete' as const, 'release' as const), pick: nat() }),
  record({
    at,
    kind: constantFrom('cordon' as const, 'uncordon' as const),
    target: constantFrom(...TARGETS),
  }),
);

export const schedule: Arbitrary<Schedule> = record({
  model,
  minReady: integer({ min: 0, max: 2 }),
  seed: nat(),
  jobs,
  events: array(event, { maxLength: 8 }),
  deafness: constantFrom(0, 0, 0.5, 1),
  hasTwin: boolean(),
});

/** Jobs that ask for one of these, at any time. */
export function jobsFor(...expressions: string[]): Arbitrary<ScheduledJob[]> {
  return array(
    record({ at, runsOn: constantFrom(...expressions), durationMs: nat(180_000), isHeld: constant(false) }),
    { minLength: 1, maxLength: 8 },
  );
}

const NO_FAULTS: FaultRates = { failure: 0, abort: 0, hang: 0, silence: 0, loss: 0, removal: 0 };

/** A cloud of one template, with its label, that does what it is asked for, up to its quota. */
export function quietCloud(name: string, label: string): Arbitrary<CloudModel> {
  return cloudOf(name, label, constant(NO_FAULTS));
}

/** A cloud of one template, with its label, of which no node ever becomes ready. */
export function sickCloud(name: string, label: string): Arbitrary<CloudModel> {
  const fault = constantFrom('failure', 'abort', 'hang', 'silence');
  return cloudOf(
    name,
    label,
    fault.map((fault) => ({ ...NO_FAULTS, [fault]: 1 })),
  );
}

/** A cloud without bounds, of one template that is never slow enough to be given up. */
export function goodCloud(name: string, label: string): Arbitrary<CloudModel> {
  return quietCloud(name, label).map((cloud) => ({
    ...cloud,
    maxNodes: null,
    launchRate: null,
    templates: cloud.templates.map((template) => ({
      ...template,
      maxNodes: null,
      launch: steady(template.launch),
      connect: steady(template.connect),
    })),
  }));
}

function steady({ medianMs }: Spread): Spread {
  return { medianMs, p95Ms: medianMs };
}

function cloudOf(name: string, label: string, rates: Arbitrary<FaultRates>): Arbitrary<CloudModel> {
  const only = tuple(template('only'), rates).map(([template, rates]) => [
    { ...template, labels: [label], rates },
  ]);
  return cloud(name, only).map((cloud) => ({ ...cloud, outages: [] }));
}

/** What nobody promised a job: its agent is lost, its node is deleted, the controller dies. */
export const mishaps: Arbitrary<ScheduledEvent[]> = array(
  oneof(
    record({ at, kind: constant('restart' as const) }),
    record({ at, kind: constantFrom('lose' as const, 'delete' as const), pick: nat() }),
  ),
  { maxLength: 6 },
);

type Around = Pick<Schedule, 'minReady' | 'events'> & { queueTimeoutMs: number };

/** A small world of such clouds, in which nothing happens but this. */
export function worldOf(
  clouds: readonly CloudModel[],
  jobs: readonly ScheduledJob[],
  { minReady = 0, events = [], queueTimeoutMs = 5 * 60_000 }: Partial<Around>,
): Schedule {
  return {
    model: modelOf(clouds, queueTimeoutMs),
    minReady,
    seed: 1,
    jobs,
    events,
    deafness: 0,
    hasTwin: false,
  };
}

function modelOf(clouds: readonly CloudModel[], queueTimeoutMs: number): Model {
  return { jobs: { perArrival: { min: 1, max: 1 }, queueTimeoutMs, kinds: [] }, clouds };
}
