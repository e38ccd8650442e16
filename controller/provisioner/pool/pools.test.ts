import { describe, expect, test } from 'vitest';
import { createFleet, type Template } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import { createPools } from './pools.ts';
import { cloudOf, DAY_MS, HOUR_MS, MINUTE_MS, nodeOf, templateOf } from './test-support.ts';

const learning = { coldStarts: 0.05, maxReady: 20 };
const morning = { days: [1, 2, 3, 4, 5, 6, 7], from: 480, to: 720, timeZone: 'UTC', minReady: 4 };

describe('how many idle nodes', () => {
  test('are those of the window that is open, else min-ready', () => {
    const template = templateOf({ pool: { minReady: 1, schedule: [morning] } });
    const { pools } = open([template]);
    expect(pools.target(template, 7 * HOUR_MS)).toBe(1);
    expect(pools.due(7 * HOUR_MS)).toBe(8 * HOUR_MS);
    expect(pools.target(template, 8 * HOUR_MS)).toBe(4);
    expect(pools.due(8 * HOUR_MS)).toBe(12 * HOUR_MS);
  });

  test('never change by themselves without windows', () => {
    expect(open([templateOf({ pool: { minReady: 3 } })]).pools.due(0)).toBeNull();
  });

  test('are min-ready until enough is learned, and what was learned from then on', () => {
    const template = templateOf({ pool: { minReady: 2, learning } });
    const { pools } = open([template]);
    expect(pools.target(template, 0)).toBe(2);
    feed(pools, 'linux');
    expect(pools.target(template, DAY_MS)).toBe(8);
  });

  test('are learned by the first of the templates of greatest weight that match and learn', () => {
    const templates = [
      templateOf({ name: 'other', labels: new Set(['arm']), weight: 900, pool: { learning } }),
      templateOf({ name: 'light', pool: { learning } }),
      templateOf({ name: 'heavy', weight: 200, pool: { learning } }),
      templateOf({ name: 'later', weight: 200, pool: { learning } }),
      templateOf({ name: 'fixed', weight: 800, pool: { minReady: 0 } }),
    ];
    const { pools } = open(templates);
    feed(pools, 'linux && !arm');
    const learned = templates
      .filter((template) => pools.target(template, DAY_MS) > 0)
      .map(({ name }) => name);
    expect(learned).toEqual(['heavy']);
  });

  test('outlive a reload, with the new settings', () => {
    const template = templateOf({ pool: { learning } });
    const { pools, fleet } = open([template]);
    feed(pools, 'linux');
    const changed = templateOf({ digest: 'digest-2', pool: { learning: { ...learning, maxReady: 3 } } });
    fleet.replace([cloudOf([changed])]);
    expect(pools.target(changed, DAY_MS)).toBe(3);
  });
});

describe('a node is outdated', () => {
  const template = templateOf({ pool: { minReady: 1, maxReadyAgeMs: DAY_MS } });
  const { pools } = open([template], 'image-2');

  test.each([
    ['not while all is as it should be', nodeOf({ image: 'image-2' }), DAY_MS - 1, null],
    ['not where it is not known what its image is', nodeOf({ image: null }), 0, null],
    ['not where it is not known what it was made of', nodeOf({ template_digest: '' }), 0, null],
    ['when its template has changed', nodeOf({ template_digest: 'digest-0' }), 0, 'its template has changed'],
    ['when its image has changed', nodeOf({ image: 'image-1' }), 0, 'its image has changed'],
    ['when it is too old', nodeOf(), DAY_MS, 'it has been ready for 1d'],
    ['not before it was ready', nodeOf({ ready_at: null }), 9 * DAY_MS, null],
  ])('%s', (_, node, now, reason) => {
    expect(pools.outdated(node, template, null, now)?.reason ?? null).toBe(reason);
  });

  test('when another version of its stream was promoted', () => {
    const streamed = { ...template, stream: 'ubuntu' };
    const node = nodeOf({ version_id: 'v1' });
    expect(pools.outdated(node, streamed, 'v1', 0)).toBeNull();
    expect(pools.outdated(node, streamed, 'v2', 0)?.reason).toBe('another version of ubuntu was promoted');
    expect(pools.outdated(node, streamed, null, 0)).toBeNull();
  });

  test('when its template is gone', () => {
    expect(pools.outdated(nodeOf(), undefined, null, 0)?.reason).toBe(
      'its template is not configured any more',
    );
  });
});

function open(templates: readonly Template[], image: string | null = null) {
  const fleet = createFleet([cloudOf(templates)]);
  const deps = { matcher: createLabelMatcher(), history: { startMs: () => MINUTE_MS }, imageOf: () => image };
  return { fleet, pools: createPools({ fleet, ...deps }) };
}

/** Eight jobs at once, every hour of a day. */
function feed(pools: ReturnType<typeof createPools>, runsOn: string): void {
  for (let hour = 1; hour <= 24; hour += 1) {
    for (let count = 0; count < 8; count += 1) pools.arrived(runsOn, hour * HOUR_MS);
  }
}
