import type { Db } from './db.ts';
import type { NodeReport, NodeReportKind } from './schema.ts';

/** Of each kind, the newest so many are kept: a template whose nodes all fail must not fill the disk. */
const KEPT = 500;

/** Puts the report in the place of the node's own of that kind, if it has one. */
export async function putNodeReport(db: Db, report: NodeReport): Promise<void> {
  const { at, text } = report;
  await db
    .insertInto('node_reports')
    .values(report)
    .onConflict((conflict) => conflict.columns(['node_id', 'kind']).doUpdateSet({ at, text }))
    .execute();
  await dropOld(db, report.kind);
}

export function findNodeReport(
  db: Db,
  nodeId: string,
  kind: NodeReportKind,
): Promise<NodeReport | undefined> {
  return db
    .selectFrom('node_reports')
    .selectAll()
    .where('node_id', '=', nodeId)
    .where('kind', '=', kind)
    .executeTakeFirst();
}

/** By the index over kind and time: nothing but the index is read, and what is dropped. */
async function dropOld(db: Db, kind: NodeReportKind): Promise<void> {
  await db
    .deleteFrom('node_reports')
    .where('kind', '=', kind)
    .where('at', '<', (select) =>
      select
        .selectFrom('node_reports as newest')
        .select('newest.at')
        .where('newest.kind', '=', kind)
        .orderBy('newest.at', 'desc')
        .offset(KEPT - 1)
        .limit(1),
    )
    .execute();
}
