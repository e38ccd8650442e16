import { createJournal, type Journal, type Tx } from '#controller/events';
import { createLogger } from '#controller/logger';
import { insertProject, newId, schedulesOfProject, type Project, type Store } from '#controller/store';
import { createSchedules, syncSchedules, type ScheduleEntry, type Schedules } from '#controller/triggers';
import { nextRun, resolveCron } from '#shared/cron';
import { optionalService } from '#test/optional';
import { beforeEach, describe, expect, test } from 'vitest';
import { BACKENDS } from '../contracts/store/backend.ts';
import { useBackend } from '../contracts/store/context.ts';

const never = new AbortController().signal;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let time: number;
let store: Store;
let journal: Journal;
let started: string[];
let logged: Record<string, unknown>[];
let schedules: Schedules;
let project: Project;

const clock = { now: () => time, after: () => () => undefined };
const logger = createLogger('info', { write: (line) => void logged.push(JSON.parse(line)) });

for (const kind of BACKENDS) {
  optionalService(kind.name, kind.missing)(`schedules on ${kind.name}`, () => {
    const context = useBackend(kind);
    beforeEach(async () => {
      time = Date.parse('2026-01-01T00:00Z');
      started = [];
      logged = [];
      ({ store } = context);
      journal = createJournal({ store, clock });
      schedules = makeSchedules();
      project = await addProject('shop');
    });

    describe('what the pipelines say', () => {
      test('is what there is, and a second look changes nothing', async () => {
        await sync(entry('0 3 * * *'), entry('0 4 * * *', 'Europe/Berlin'));
        const before = await rows();
        expect(before.map(({ cron, next_at }) => [cron, iso(next_at)])).toEqual([
          ['0 3 * * *', '2026-01-01T03:00:00.000Z'],
          ['0 4 * * *', '2026-01-01T03:00:00.000Z'],
        ]);
        time += HOUR;
        await sync(entry('0 4 * * *', 'Europe/Berlin'), entry('0 3 * * *'), entry('0 3 * * *'));
        expect(await rows()).toEqual(before);
      });

      test('replaces what they no longer say, of this project only', async () => {
        const other = await addProject('other');
        await journal.commit((tx) => syncSchedules(tx, other, [entry('0 5 * * *')]));
        await sync(entry('0 3 * * *'), entry('0 4 * * *'));
        await sync(entry('0 4 * * *'), entry('0 6 * * *'));
        expect((await rows()).map(({ cron }) => cron).sort()).toEqual(['0 4 * * *', '0 6 * * *']);
        await sync();
        expect(await rows()).toEqual([]);
        expect(await schedulesOfProject(store.db, other.id)).toHaveLength(1);
      });

      test('keeps a run that is due while a push comes in', async () => {
        await sync(entry('0 3 * * *'));
        time = Date.parse('2026-01-01T03:00:01Z');
        await sync(entry('0 3 * * *'), entry('0 9 * * *'));
        await schedules.run(never);
        expect(started).toEqual(['shop ci.yaml 03:00']);
      });

      test('spreads H over projects and files, the same after a restart', async () => {
        await sync({ file: 'a.yaml', cron: 'H H * * *', timezone: 'UTC' });
        const [row] = await rows();
        expect(row?.next_at).toBe(nextRun(resolveCron('H H * * *', 'shop/a.yaml'), 'UTC', time));
      });
    });

    describe('a run', () => {
      test('starts at its time, once, and the next one is told', async () => {
        await sync(entry('0 3 * * *'));
        expect(iso(await schedules.run(never))).toBe('2026-01-01T03:00:00.000Z');
        expect(started).toEqual([]);
        time = Date.parse('2026-01-01T03:00Z');
        expect(iso(await schedules.run(never))).toBe('2026-01-02T03:00:00.000Z');
        await schedules.run(never);
        expect(started).toEqual(['shop ci.yaml 03:00']);
        expect(await rows()).toMatchObject([{ last_at: time }]);
      });

      test('that was missed is made up for once, however many were', async () => {
        await sync(entry('*/5 * * * *'));
        time += 3 * DAY + 61_000;
        schedules = makeSchedules();
        expect(iso(await schedules.run(never))).toBe('2026-01-04T00:05:00.000Z');
        expect(started).toHaveLength(1);
      });

      test('is started by one of several controllers', async () => {
        await sync(entry('0 3 * * *'), entry('0 3 * * *', 'Etc/GMT'));
        time += 4 * HOUR;
        const controllers = Array.from({ length: 5 }, () => makeSchedules());
        await Promise.all(controllers.map((controller) => controller.run(never)));
        expect(started).toHaveLength(2);
      });

      test('that can not be started delays no other, and is tried again', async () => {
        const broken = await addProject('broken');
        await journal.commit((tx) => syncSchedules(tx, broken, [entry('0 2 * * *')]));
        await sync(entry('0 3 * * *'));
        time += 4 * HOUR;
        expect(await schedules.run(never)).toBe(time + 30_000);
        expect(started).toEqual(['shop ci.yaml 04:00']);
        expect(logged).toMatchObject([{ project: broken.id, file: 'ci.yaml' }]);
        expect(await schedulesOfProject(store.db, broken.id)).toMatchObject([{ last_at: null }]);
      });

      test('comes at the end of the gap when clocks go forward, and once when they go back', async () => {
        await sync(entry('30 2 * * *', 'Europe/Berlin'));
        expect(await runsBetween('2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual([
          '2026-03-29T01:00:00.000Z',
          '2026-03-30T00:30:00.000Z',
        ]);
        expect(await runsBetween('2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
          '2026-10-25T00:30:00.000Z',
          '2026-10-26T01:30:00.000Z',
        ]);
      });
    });

    describe("when the machine's clock jumps", () => {
      test('forward, what lies between is made up for once', async () => {
        await sync(entry('0 * * * *'));
        await schedules.run(never);
        time += 100 * DAY;
        await schedules.run(never);
        await schedules.run(never);
        expect(started).toHaveLength(1);
      });

      test('back by a year, it does not wait for that year to pass', async () => {
        time += 365 * DAY;
        await sync(entry('0 3 * * *'));
        time += 5 * HOUR;
        await schedules.run(never);
        time = Date.parse('2026-01-01T00:00Z');
        expect(iso(await schedules.run(never))).toBe('2026-01-01T03:00:00.000Z');
      });

      test('back by some minutes, what has just run does not run again', async () => {
        await sync(entry('0 3 * * *'));
        time = Date.parse('2026-01-01T03:00:10Z');
        await schedules.run(never);
        time -= 5 * 60_000;
        expect(iso(await schedules.run(never))).toBe('2026-01-02T03:00:00.000Z');
        time += 6 * 60_000;
        await schedules.run(never);
        expect(started).toHaveLength(1);
      });
    });
  });
}

function makeSchedules(): Schedules {
  return createSchedules({ store, journal, clock, logger, start });
}

async function start(tx: Tx, { name }: Project, { file }: ScheduleEntry): Promise<void> {
  if (name === 'broken') throw new Error('no such branch');
  started.push(`${name} ${file} ${iso(tx.at).slice(11, 16)}`);
}

async function runsBetween(from: string, to: string): Promise<string[]> {
  time = Date.parse(from);
  await schedules.run(never);
  const runs: string[] = [];
  for (;;) {
    const next = await schedules.run(never);
    if (next === null || next > Date.parse(to)) return runs;
    time = next;
    runs.push(iso(next));
  }
}

function entry(cron: string, timezone = 'UTC'): ScheduleEntry {
  return { file: 'ci.yaml', cron, timezone };
}

function sync(...entries: ScheduleEntry[]): Promise<void> {
  return journal.commit((tx) => syncSchedules(tx, project, entries));
}

function rows() {
  return schedulesOfProject(store.db, project.id);
}

function iso(at: number | null): string {
  return new Date(at ?? Number.NaN).toISOString();
}

function addProject(name: string): Promise<Project> {
  return insertProject(store.db, {
    id: newId(),
    name,
    provider: 'git',
    repository: `https://example.com/${name}.git`,
    api_url: null,
    default_branch: 'main',
    pipelines: ['ci.yaml'],
    token_secret: null,
    ssh_key_secret: null,
    webhook_secret: null,
    known_hosts: null,
    depth: null,
    share: 1,
    created_at: time,
  });
}
