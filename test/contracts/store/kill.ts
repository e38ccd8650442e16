import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventsAfter, openStore, unfinishedBuilds } from '#controller/store';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { addBuild } from './rows.ts';

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url));
const BUILDS_BEFORE_KILL = 40;

export function describeKill(): void {
  describe('a SQLite file whose writer was killed', () => {
    test('has every build that was committed, whole, and goes on', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
      const file = join(folder, 'footman.db');
      try {
        const acknowledged = await writeUntilKilled(file);
        expect(acknowledged).toBeGreaterThanOrEqual(BUILDS_BEFORE_KILL);

        const store = await openStore({ kind: 'sqlite', file });
        const builds = await unfinishedBuilds(store.db);
        const events = await eventsAfter(store.db, 0, { limit: builds.length + 9 });
        const check = await sql`pragma integrity_check`.execute(store.db);
        const next = await addBuild(store.db);
        await store.close();

        expect(builds.length).toBeGreaterThanOrEqual(acknowledged);
        expect(builds.map((build) => build.number)).toEqual(builds.map((_, i) => i + 1));
        expect(events.map((event) => event.build_id)).toEqual(builds.map((build) => build.id));
        expect(check.rows).toEqual([{ integrity_check: 'ok' }]);
        expect(next.number).toBe(builds.length + 1);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
}

/** Kills the writer in the middle of its work; returns how many builds it had told to be committed. */
async function writeUntilKilled(file: string): Promise<number> {
  const writer = spawn(process.execPath, [WRITER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(writer, 'exit');
  let acknowledged = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged = Number(line);
    if (acknowledged === BUILDS_BEFORE_KILL) writer.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return acknowledged;
}
