import { inChunks } from './chunks.ts';
import type { Db } from './db.ts';
import type { NewStep, Step } from './schema.ts';
import { patchRow, type Patch } from './swap-state.ts';
import { inTransaction } from './transaction.ts';

/** All or none. */
export function insertSteps(db: Db, steps: readonly NewStep[]): Promise<void> {
  return inTransaction(db, (db) =>
    inChunks(steps, (chunk) => db.insertInto('steps').values(chunk).execute()),
  );
}

/** In the order in which they run. */
export function stepsOfJob(db: Db, jobId: string): Promise<Step[]> {
  return db.selectFrom('steps').selectAll().where('job_id', '=', jobId).orderBy('position').execute();
}

export function findStep(db: Db, id: string): Promise<Step | undefined> {
  return db.selectFrom('steps').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Notes something down about a step that is not finished; what is finished stays as it is, and is answered by undefined. */
export function updateStep(db: Db, id: string, patch: Patch<'steps'>): Promise<Step | undefined> {
  return patchRow(db, 'steps', id, ['pending', 'running'], patch);
}
