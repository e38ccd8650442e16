import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { formatTime } from '../terminal/index.ts';

export interface CordonOptions {
  reason?: string;
}

export async function cordon(context: Context, target: string, options: CordonOptions): Promise<number> {
  const made = await withClient(context, ({ operations }) =>
    operations.cordon(target, options.reason ?? null),
  );
  if (context.options.json === true) await printJson(context, made);
  else await context.out.write(`${made.kind} ${made.target} is cordoned: ${made.reason}\n`);
  return 0;
}

export async function uncordon(context: Context, target: string): Promise<number> {
  const answer = await withClient(context, ({ operations }) => operations.uncordon(target));
  const what = answer.cordon === null ? 'had no cordon of its own' : 'is not cordoned any more';
  if (context.options.json === true) await printJson(context, answer);
  else await context.out.write(`${target} ${what}\n`);
  return 0;
}

/** Columns: target, kind, reason, who made it, since when; the last two are not known of nodes. */
export async function listCordons(context: Context): Promise<number> {
  const list = await withClient(context, ({ operations }) => operations.cordons());
  await printTable(context, list, {
    header: ['target', 'kind', 'reason', 'by', 'since'],
    rows: list.cordons.map(({ target, kind, reason, actor, at }) => [
      target,
      kind,
      reason,
      actor ?? '',
      at === null ? '' : formatTime(at),
    ]),
    none: 'Nothing is cordoned.',
  });
  return 0;
}
