import type { RetentionPlan } from '#controller/api';
import { formatBytes } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatTable, formatTime, paintState } from '../terminal/index.ts';

export interface RetentionOptions {
  dryRun?: boolean;
  staying?: boolean;
  limit: number;
}

/** Columns: what becomes of it, build, result, pipeline, branch, when it ended, what it takes in the storage, why. */
export async function retention(
  context: Context,
  { dryRun = false, staying = false, limit }: RetentionOptions,
): Promise<number> {
  const plan = await withClient(context, ({ storage }) =>
    storage.retention({ apply: !dryRun, staying, limit }),
  );
  if (context.options.json === true) {
    await printJson(context, plan);
    return 0;
  }
  const { out, style } = context;
  const rows = [
    ...plan.going.map((fate) => rowOf(dryRun ? 'would go' : 'goes', fate, context)),
    ...plan.staying.map((fate) => rowOf('stays', fate, context)),
  ];
  const header = ['', 'build', 'result', 'pipeline', 'branch', 'ended', 'size', 'because'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  if (out.isTerminal) await out.write(`${summaryOf(plan, dryRun)}\n`);
  return 0;
}

function rowOf(fate: string, build: RetentionPlan['going'][number], { out, style }: Context): string[] {
  const { number, result, pipeline, branch, finishedAt, bytes, reason, dueAt } = build;
  return [
    fate,
    String(number),
    paintState(style, 'finished', result),
    pipeline,
    branch ?? '',
    finishedAt === null ? '' : formatTime(finishedAt),
    out.isTerminal ? formatBytes(bytes) : String(bytes),
    dueAt === null ? reason : `${reason}; until ${formatTime(dueAt)}`,
  ];
}

function summaryOf({ counts, bytes }: RetentionPlan, isDry: boolean): string {
  const all = `${counts.going} of ${counts.builds} builds ${isDry ? 'would go' : 'go'}`;
  return bytes === null ? `${all}.` : `${all}; everything takes ${formatBytes(bytes)}.`;
}
