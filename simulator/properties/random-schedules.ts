import {
  array,
  boolean,
  constant,
  constantFrom,
  nat,
  oneof,
  record,
  tuple,
  uniqueArray,
  type Arbitrary,
} from 'fast-check';
import type { WantedImages } from '#controller/store';
import type { CloudModel, Model } from '#simulator/model';
import { randomCloud, randomTemplate } from './random-clouds.ts';
import type { Schedule, ScheduledEvent, ScheduledJob } from './schedule.ts';

const SPAN_MS = 3 * 60_000;
const QUEUE_TIMEOUT_MS = 3 * 60_000;

const EXPRESSIONS = ['a', 'b', 'c', 'a && b', 'a || c', '!a', 'a && !b', 'nobody'];
const TARGETS = ['one', 'two', 'one/first', 'one/second', 'two/first'];

const at = nat(SPAN_MS);

const version = constantFrom(null, 'v1', 'v2');

/** Mostly anything; else some of the templates, each as it is or with a version of an image. */
const images: Arbitrary<WantedImages | null> = oneof(
  { weight: 2, arbitrary: constant(null) },
  {
    weight: 1,
    arbitrary: uniqueArray(tuple(constantFrom('one/first', 'one/second', 'two/first'), version), {
      minLength: 1,
      selector: ([template]) => template,
    }).map((wanted) => Object.fromEntries(wanted)),
  },
);

const jobs: Arbitrary<ScheduledJob[]> = array(
  record({
    at,
    runsOn: constantFrom(...EXPRESSIONS),
    images,
    durationMs: oneof(constant(0), nat(180_000)),
    isHeld: boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

const restart = record({ at, kind: constant<'restart'>('restart') });
const event: Arbitrary<ScheduledEvent> = oneof(
  restart,
  record({
    at,
    kind: constantFrom<('lose' | 'delete' | 'release')[]>('lose', 'delete', 'release'),
    pick: nat(),
  }),
  record({
    at,
    kind: constantFrom<('cordon' | 'uncordon')[]>('cordon', 'uncordon'),
    target: constantFrom(...TARGETS),
  }),
);

/** Anything at all. */
export const randomSchedule: Arbitrary<Schedule> = record({
  model: tuple(
    randomCloud('one', [randomTemplate('first'), randomTemplate('second')]),
    randomCloud('two', [randomTemplate('first')]),
  ).map((clouds) => modelOf(clouds, QUEUE_TIMEOUT_MS)),
  minReady: nat(2),
  seed: nat(),
  jobs,
  events: array(event, { maxLength: 8 }),
  deafness: constantFrom(0, 0, 0.5, 1),
  hasTwin: boolean(),
});

/** Jobs that ask for one of these, at any time. */
export function jobsFor(...expressions: string[]): Arbitrary<ScheduledJob[]> {
  return jobsFrom(constant(null), ...expressions);
}

/** The same of jobs that start from one of these. */
export function jobsFrom(
  images: Arbitrary<WantedImages | null>,
  ...expressions: string[]
): Arbitrary<ScheduledJob[]> {
  const job = record({
    at,
    runsOn: constantFrom(...expressions),
    images,
    durationMs: nat(180_000),
    isHeld: constant(false),
  });
  return array(job, { minLength: 1, maxLength: 8 });
}

/** What a job has to put up with: agents are lost, somebody deletes nodes, the controller dies. */
export const mishaps: Arbitrary<ScheduledEvent[]> = array(
  oneof(restart, record({ at, kind: constantFrom<('lose' | 'delete')[]>('lose', 'delete'), pick: nat() })),
  { maxLength: 6 },
);

type Around = Pick<Schedule, 'minReady' | 'events'> & { queueTimeoutMs: number };

/** A small world of such clouds, in which nothing happens but this. */
export function worldOf(
  clouds: readonly CloudModel[],
  jobs: readonly ScheduledJob[],
  { minReady = 0, events = [], queueTimeoutMs = QUEUE_TIMEOUT_MS }: Partial<Around>,
): Schedule {
  const model = modelOf(clouds, queueTimeoutMs);
  return { model, minReady, seed: 1, jobs, events, deafness: 0, hasTwin: false };
}

function modelOf(clouds: readonly CloudModel[], queueTimeoutMs: number): Model {
  return { jobs: { perArrival: { min: 1, max: 1 }, queueTimeoutMs, kinds: [] }, clouds };
}
