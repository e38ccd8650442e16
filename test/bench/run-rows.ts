import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startController } from './controller/controller.ts';
import type { Options } from './options.ts';
import type { Bench, Result, Row } from './row.ts';

/** Measures one row after the other. A row that fails leaves its error in the results, and the others go on. */
export async function runRows(rows: readonly Row[], options: Options): Promise<Result[]> {
  const { quick, footman, profile } = options;
  const folder = await mkdtemp(join(tmpdir(), 'footman-bench-'));
  const bench: Bench = {
    quick,
    folder,
    async startController(clouds, { folder: home, ...options } = {}) {
      const own = home ?? (await mkdtemp(join(folder, 'controller-')));
      return startController({ folder: own, clouds, footman, profile, ...options });
    },
  };
  const results: Result[] = [];
  try {
    for (const row of rows) results.push(...(await runRow(row, bench)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return results;
}

async function runRow(row: Row, bench: Bench): Promise<Result[]> {
  console.error(`${row.number}. ${row.title} …`);
  try {
    return await row.measure(bench);
  } catch (error) {
    return [{ name: row.title, failed: error }];
  }
}
