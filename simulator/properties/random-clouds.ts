import {
  array,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  subarray,
  tuple,
  type Arbitrary,
} from 'fast-check';
import type { CloudModel, FaultRates, TemplateModel } from '#simulator/model';
import type { Spread } from '#simulator/random';

/** Arbitraries of the parts of something, some of which others take the place of. */
type Parts<T> = { [Key in keyof T]?: Arbitrary<T[Key]> };

export const LABELS = ['a', 'b', 'c'];

const NO_FAULTS: FaultRates = { failure: 0, abort: 0, hang: 0, silence: 0, loss: 0, removal: 0 };

const shortTime = integer({ min: 1, max: 30_000 });
const spread = tuple(shortTime, constantFrom(1, 2, 8)).map(([medianMs, tail]): Spread => ({
  medianMs,
  p95Ms: medianMs * tail,
}));
const steady = shortTime.map((ms): Spread => ({ medianMs: ms, p95Ms: ms }));

/** Mostly none: faults of all kinds at once leave little to look at. */
const rate = oneof(
  { weight: 7, arbitrary: constant(0) },
  { weight: 2, arbitrary: constant(0.3) },
  { weight: 1, arbitrary: constant(1) },
);
const faults: Arbitrary<FaultRates> = record({
  failure: rate,
  abort: rate,
  hang: rate,
  silence: rate,
  loss: rate,
  removal: constantFrom(0, 0.5),
});

const outage = tuple(nat(300_000), nat(120_000)).map(([fromMs, lasts]) => ({
  fromMs,
  untilMs: fromMs + lasts,
}));

export function randomTemplate(name: string, own: Parts<TemplateModel> = {}): Arbitrary<TemplateModel> {
  return record<TemplateModel>({
    name: constant(name),
    labels: subarray(LABELS, { minLength: 1 }),
    maxNodes: constantFrom(null, 1, 2, 5),
    weight: constantFrom(0, 100),
    cost: constant(1),
    launch: spread,
    connect: spread,
    remove: spread,
    rates: faults,
    ...own,
  });
}

export function randomCloud(
  name: string,
  templates: readonly Arbitrary<TemplateModel>[],
  own: Parts<CloudModel> = {},
): Arbitrary<CloudModel> {
  return record<CloudModel>({
    name: constant(name),
    maxNodes: constantFrom(null, 1, 3, 10),
    launchRate: constantFrom(null, { perMinute: 10, burst: 2 }),
    outages: array(outage, { maxLength: 1 }),
    templates: tuple(...templates),
    ...own,
  });
}

/** A cloud of one template, with this label, that does what it is asked for, up to its quota. */
export function quietCloud(name: string, label: string): Arbitrary<CloudModel> {
  const only = randomTemplate('only', { labels: constant([label]), rates: constant(NO_FAULTS) });
  return randomCloud(name, [only], { outages: constant([]) });
}

/** A cloud without bounds, of one template, with this label, that is never so slow that a node of it is given up. */
export function goodCloud(name: string, label: string): Arbitrary<CloudModel> {
  const only = randomTemplate('only', {
    labels: constant([label]),
    maxNodes: constant(null),
    launch: steady,
    connect: steady,
    rates: constant(NO_FAULTS),
  });
  const none = constant(null);
  return randomCloud(name, [only], { maxNodes: none, launchRate: none, outages: constant([]) });
}

/** A cloud of one template, with this label, of which no node ever becomes ready. */
export function sickCloud(name: string, label: string): Arbitrary<CloudModel> {
  const rates = constantFrom<FaultRates[]>(
    { ...NO_FAULTS, failure: 1 },
    { ...NO_FAULTS, abort: 1 },
    { ...NO_FAULTS, hang: 1 },
    { ...NO_FAULTS, silence: 1 },
  );
  return randomCloud(name, [randomTemplate('only', { labels: constant([label]), rates })], {
    outages: constant([]),
  });
}
