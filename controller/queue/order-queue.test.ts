import { assert, constantFrom, array, integer, property, record, uniqueArray, nat } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bandOf } from './bands.ts';
import {
  atMaxNodes,
  createTurns,
  orderQueue,
  type ProjectShare,
  type ProjectUsage,
  type Waiting,
} from './index.ts';

const HOUR = 60 * 60_000;
const NOW = 1_000 * HOUR;

const ceph = project('ceph', 1);
const swift = project('swift', 3);
const nova = project('nova', 1000);

interface Job extends Waiting {
  name: number;
}

const owners = constantFrom(ceph, swift, nova, null);
const jobs = array(record({ ageMinutes: integer({ min: 0, max: 900 }), owner: owners })).map((all) =>
  all.map(({ ageMinutes, owner }, name) => job(name, ageMinutes / 60, owner)),
);
const usages = array(record({ owner: owners, nodes: nat(20) })).map(
  (all) => new Map(all.map(({ owner, nodes }) => [owner?.id ?? null, nodes])),
);

describe('the order of the queue', () => {
  test('has everybody once, and is the same for the same queue', () => {
    assert(
      property(jobs, usages, (waiting, usage) => {
        const ordered = orderQueue(waiting, usage, NOW);
        expect(new Set(ordered)).toEqual(new Set(waiting));
        expect(ordered).toHaveLength(waiting.length);
        expect(orderQueue(waiting, usage, NOW)).toEqual(ordered);
      }),
    );
  });

  test('has no lower band before a higher one', () => {
    assert(
      property(jobs, usages, (waiting, usage) => {
        const bands = orderQueue(waiting, usage, NOW).map((each) => bandOf(each, NOW));
        expect(bands).toEqual(bands.toSorted((a, b) => b - a));
      }),
    );
  });

  test('within a project is that of the ranks, and of equal ones that in which they came', () => {
    assert(
      property(jobs, usages, (waiting, usage) => {
        const ordered = orderQueue(waiting, usage, NOW);
        for (const owner of [ceph, swift, nova, null]) {
          const own = (all: Job[]) => all.filter((each) => each.project === owner);
          expect(own(ordered)).toEqual(own(waiting).toSorted((a, b) => a.rank - b.rank));
        }
      }),
    );
  });

  test('gives two busy projects nodes by their shares, to within one', () => {
    const shares = uniqueArray(integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 2 });
    assert(
      property(shares, array(nat(59), { minLength: 200, maxLength: 200 }), ([a = 1, b = 1], minutes) => {
        const [one, other] = [project('one', a), project('other', b)];
        const waiting = minutes.flatMap((minute, at) => [
          job(2 * at, minute / 60, one),
          job(2 * at + 1, minute / 60, other),
        ]);
        let ofOne = 0;
        for (const [count, each] of orderQueue(waiting, new Map(), NOW).slice(0, 200).entries()) {
          if (each.project === one) ofOne += 1;
          expect(Math.abs(ofOne - ((count + 1) * a) / (a + b))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('starves no project: whoever has fewest nodes for its share is next, however many others wait', () => {
    assert(
      property(nat(50), nat(20), (crowd, busy) => {
        const waiting = [
          ...Array.from({ length: crowd }, (_, name) => job(name, 0.9, ceph)),
          job(99, 0.1, project('newcomer', 1)),
        ];
        const ordered = orderQueue(waiting, new Map([['ceph', busy]]), NOW);
        const place = ordered.findIndex(({ name }) => name === 99);
        expect(place).toBeLessThanOrEqual(busy > 0 ? 0 : 1);
      }),
    );
  });

  test('starves nobody whose project is busy: ten hours of waiting put any job beside the most urgent', () => {
    const old = job(0, 10, ceph);
    const urgent = Array.from({ length: 100 }, (_, name) => ({
      ...job(name + 1, 10, project('nova', 1)),
      priority: 100,
    }));
    expect(orderQueue([...urgent, old], new Map(), NOW).indexOf(old)).toBeLessThanOrEqual(1);
    const backlog = Array.from({ length: 100 }, (_, name) => job(name + 1, 500, swift));
    expect(orderQueue([...backlog, old], new Map([['swift', 1]]), NOW).indexOf(old)).toBe(0);
  });

  test('counts what a project has now', () => {
    const [mine, theirs] = [job(0, 0.5, ceph), job(1, 0.1, swift)];
    expect(orderQueue([mine, theirs], usageOf({ ceph: 1, swift: 4 }), NOW)).toEqual([mine, theirs]);
    expect(orderQueue([mine, theirs], usageOf({ ceph: 2, swift: 4 }), NOW)).toEqual([theirs, mine]);
  });

  test('has jobs of no project share one share', () => {
    const waiting = [job(0, 0.9, null), job(1, 0.8, null), job(2, 0.1, ceph)];
    expect(orderQueue(waiting, new Map([[null, 1]]), NOW).map(({ name }) => name)).toEqual([2, 0, 1]);
  });
});

test('a job that got no node costs its project nothing (I8)', () => {
  const waiting = [job(0, 0.9, ceph), job(1, 0.8, ceph), job(2, 0.7, project('other', 1))];
  const turns = createTurns(waiting, new Map(), NOW);
  expect(turns.next()?.name).toBe(0);
  expect(turns.next()?.name).toBe(1);
  turns.served();
  expect(turns.next()?.name).toBe(2);
  expect(turns.usage.get('ceph')).toBe(1);
  expect(turns.next()).toBeUndefined();
});

test('a project has as many nodes as it may have', () => {
  const limited = { ...ceph, maxNodes: 2 };
  expect(atMaxNodes(limited, new Map([['ceph', 1]]))).toBe(false);
  expect(atMaxNodes(limited, new Map([['ceph', 2]]))).toBe(true);
  expect(atMaxNodes({ ...ceph, maxNodes: 0 }, new Map())).toBe(true);
  expect(atMaxNodes(ceph, new Map([['ceph', 2000]]))).toBe(false);
  expect(atMaxNodes(null, new Map([[null, 2000]]))).toBe(false);
});

function usageOf(nodes: Record<string, number>): ProjectUsage {
  return new Map(Object.entries(nodes));
}

function project(id: string, share: number): ProjectShare {
  return { id, name: id, share, maxNodes: null };
}

/** One that has waited for so long, or has the priority that is worth it. */
function job(name: number, hours: number, owner: ProjectShare | null): Job {
  return { name, rank: NOW - hours * HOUR, priority: 50, project: owner };
}
