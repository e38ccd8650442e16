/**
 * How many bursts an hour are to be expected, by the hour of the day, the day of the week (both UTC), and the time since the last job: a
 * job that comes announces others. The three multiply; each is learned as a factor that stays near one while little is known of it.
 */
export interface Expectation {
  /** Bursts an hour. */
  at(now: number): number;
  /** The same, as a multiple of the usual. */
  relative(now: number): number;
  /** So many hours have passed from `from` on; they weigh `weight`. */
  pass(from: number, hours: number, weight: number): void;
  /** A job came; of the jobs of a burst each counts for a part, so that a burst counts for little more than one job. */
  arrived(at: number, part: number, weight: number): void;
  /** Takes what was noted so far into account. `weight` is what a note of now weighs. */
  fit(weight: number): void;
}

const HOUR_MS = 60 * 60_000;
/** Ages of the last job, in milliseconds, at which what is to be expected next changes. */
const AGES = [5, 20, 60, 180].map((minutes) => minutes * 60_000);
/** Bursts that it takes to trust a factor as much as none at all. */
const DOUBT = 60;
/** An hour of the day is much like those around it. */
const NEAR_HOURS = [
  [-2, 0.25],
  [-1, 0.75],
  [0, 1],
  [1, 0.75],
  [2, 0.25],
] as const;

export function createExpectation(): Expectation {
  const hours = createTally(24);
  const days = createTally(7);
  const ages = createTally(AGES.length + 1);
  let usual = 0;
  let last = -Infinity;

  return { at: (now) => usual * relative(now), relative, pass, arrived, fit };

  function relative(now: number): number {
    return rhythm(now) * (ages.factors[ageOf(now)] ?? 1);
  }

  function rhythm(now: number): number {
    return (hours.factors[hourOf(now)] ?? 1) * (days.factors[dayOf(now)] ?? 1);
  }

  function pass(from: number, passed: number, weight: number): void {
    add(hours.hours, hourOf(from), passed * weight);
    add(days.hours, dayOf(from), passed * weight);
    add(ages.hours, ageOf(from), passed * weight * rhythm(from));
  }

  function arrived(at: number, part: number, weight: number): void {
    add(hours.bursts, hourOf(at), part * weight);
    add(days.bursts, dayOf(at), part * weight);
    add(ages.bursts, ageOf(at), part * weight);
    last = at;
  }

  function fit(weight: number): void {
    const passed = sum(days.hours);
    if (passed === 0) return;
    usual = sum(days.bursts) / passed;
    const doubt = DOUBT * weight;
    days.factors = days.bursts.map(
      (bursts, day) => (bursts + doubt) / ((days.hours[day] ?? 0) * usual + doubt),
    );
    hours.factors = hours.bursts.map((_, hour) => {
      const near = (values: readonly number[]) =>
        NEAR_HOURS.reduce(
          (total, [offset, share]) => total + share * (values[(hour + offset + 24) % 24] ?? 0),
          0,
        );
      return (near(hours.bursts) + doubt) / (near(hours.hours) * usual + doubt);
    });
    ages.factors = ages.bursts.map(
      (bursts, age) => (bursts + doubt) / ((ages.hours[age] ?? 0) * usual + doubt),
    );
  }

  function ageOf(now: number): number {
    const age = now - last;
    return AGES.filter((limit) => age >= limit).length;
  }
}

interface Tally {
  bursts: number[];
  hours: number[];
  factors: number[];
}

function createTally(length: number): Tally {
  return {
    bursts: Array.from({ length }, () => 0),
    hours: Array.from({ length }, () => 0),
    factors: Array.from({ length }, () => 1),
  };
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) % 24;
}

/** Of a week that begins on a Thursday, as the epoch does. */
function dayOf(at: number): number {
  return Math.floor(at / (24 * HOUR_MS)) % 7;
}

function add(values: number[], index: number, value: number): void {
  values[index] = (values[index] ?? 0) + value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
