import { assert, asyncProperty, constantFrom, nat, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { play, type Played } from './play.ts';
import { goodCloud, quietCloud, sickCloud } from './random-clouds.ts';
import { jobsFor, jobsFrom, mishaps, randomSchedule, worldOf } from './random-schedules.ts';

/** Another one finds other schedules; one that fails is told together with the smallest that does. */
const SEED = 4;
/** No schedule is begun after so long: a slow machine tries fewer of them. */
const TIME_MS = 8_000;

test('no node has two jobs (I1), or one that wants another image, or waits for nobody, nothing is left (I2), holds hold (I6), and every job ends and says why, whatever fails and whenever the controller dies', async () => {
  await assert(
    asyncProperty(randomSchedule, async (schedule) => {
      const { jobs, violations, idle, left } = await play(schedule);
      expect(violations).toEqual([]);
      expect(idle).toEqual([]);
      expect(left).toEqual([]);
      expect(jobs).toHaveLength(schedule.jobs.length);
      for (const { result, reason } of jobs) expect(reason === null).toBe(result === 'success');
    }),
    { seed: SEED, numRuns: 1500, interruptAfterTimeLimit: TIME_MS },
  );
}, 60_000);

test('jobs that nobody can serve delay none of the others, not by a millisecond (I8, L13)', async () => {
  const servable = jobsFor('x', 'x && !y', 'x || nobody');
  const hopeless = jobsFor('y', 'y && !x', 'nobody', 'x && nobody');
  const clouds = tuple(quietCloud('one', 'x'), sickCloud('two', 'y'));
  await assert(
    asyncProperty(clouds, servable, hopeless, nat(2), async (clouds, servable, hopeless, minReady) => {
      const alone = await play(worldOf(clouds, servable, { minReady }));
      const together = await play(worldOf(clouds, [...servable, ...hopeless], { minReady }));
      const starts = ({ jobs }: Played) => jobs.slice(0, servable.length).map(({ leasedAt }) => leasedAt);
      expect(starts(together)).toEqual(starts(alone));
    }),
    { seed: SEED, numRuns: 300, interruptAfterTimeLimit: TIME_MS },
  );
}, 60_000);

test('a job that one cloud can serve is served, whatever becomes of the others and of nodes (L8, L12)', async () => {
  const queueTimeoutMs = 30 * 60_000;
  const clouds = tuple(sickCloud('one', 'x'), goodCloud('two', 'x'));
  const images = constantFrom(null, { 'two/only': 'v1' }, { 'one/only': 'v1', 'two/only': 'v2' });
  await assert(
    asyncProperty(clouds, jobsFrom(images, 'x'), mishaps, nat(2), async (clouds, jobs, events, minReady) => {
      const played = await play(worldOf(clouds, jobs, { events, minReady, queueTimeoutMs }));
      const reasons = played.jobs.map(({ reason }) => reason).filter((reason) => reason !== null);
      expect(new Set(reasons)).toEqual(new Set(reasons.length > 0 ? ['its agent was lost'] : []));
    }),
    { seed: SEED, numRuns: 300, interruptAfterTimeLimit: TIME_MS },
  );
}, 60_000);
