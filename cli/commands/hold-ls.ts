import type { Hold } from '#controller/api';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { jobName, untilText } from '../holds/index.ts';
import { printTable } from '../print-table.ts';
import { formatSpan, formatTime, paintState } from '../terminal/index.ts';

interface Options {
  all?: boolean;
  owner?: string;
}

/** Lists holds. Columns: hold, state, job, its result, cloud/template, owner, when it ends or has ended, when it was used last, why. */
export async function listHolds(context: Context, { all = false, owner }: Options): Promise<number> {
  const query = { state: all ? 'all' : 'live', ...(owner === undefined ? {} : { owner }) } as const;
  const list = await withClient(context, ({ holds }) => holds.list(query));
  await printTable(context, list, {
    header: ['hold', 'state', 'job', 'result', 'template', 'owner', 'until', 'used', 'reason'],
    rows: list.holds.map((hold) => rowOf(hold, context)),
    none: 'No node is held.',
  });
  return 0;
}

function rowOf(hold: Hold, { style, out }: Context): string[] {
  const now = Date.now();
  const { node, job, usedAt } = hold;
  return [
    hold.id,
    paintState(style, hold.state, null),
    jobName(hold),
    job.result === null ? '' : paintState(style, job.result, null),
    `${node.cloud}/${node.template}`,
    hold.owner,
    endOf(hold, now, out.isTerminal),
    usedAt === null ? '' : out.isTerminal ? `${formatSpan(usedAt, now, now)} ago` : formatTime(usedAt),
    hold.outcome ?? hold.reason ?? '',
  ];
}

/** For programs a time by itself. */
function endOf(hold: Hold, now: number, isTerminal: boolean): string {
  if (isTerminal && hold.state === 'held') return untilText(hold, now);
  const end = hold.endedAt ?? hold.expiresAt;
  return end === null ? '' : formatTime(end);
}
