import type { BuildSummary } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatSpan, formatTable, formatTime, paintState } from '../terminal/index.ts';

interface Options {
  limit: number;
  state?: string;
  pipeline?: string;
}

/** Lists builds. Columns: number, result or state, pipeline, what started it, branch, commit, when it was made, how long it took. */
export async function builds(context: Context, options: Options): Promise<number> {
  const list = await withClient(context, (client) => client.builds(options));
  if (context.options.json === true) {
    await printJson(context, list);
    return 0;
  }
  const { out, style } = context;
  const numbers = new Map(list.builds.map(({ id, number }) => [id, number]));
  const rows = list.builds.map((build) => rowOf(build, numbers, context));
  if (rows.length === 0 && out.isTerminal) await out.write('There are no builds.\n');
  const header = ['build', 'result', 'pipeline', 'started by', 'branch', 'commit', 'created', 'took'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  return 0;
}

function rowOf(build: BuildSummary, numbers: Numbers, { style }: Context): string[] {
  const { number, state, result, pipeline, source, trigger, createdAt, startedAt, finishedAt } = build;
  return [
    String(number),
    paintState(style, state, result),
    pipeline,
    startOf(build, numbers),
    trigger.branch ?? trigger.tag ?? source?.ref ?? '',
    source?.commit.slice(0, 12) ?? '',
    formatTime(createdAt),
    formatSpan(startedAt, finishedAt, Date.now()),
  ];
}

/** Of builds in the list, by their ids. */
type Numbers = ReadonlyMap<string, number>;

/** `push`, `pull-request #7`, `rerun of 12`; just `rerun` of one that is not in the list. */
function startOf({ rerunOf, trigger: { event, pullRequest } }: BuildSummary, numbers: Numbers): string {
  if (rerunOf !== null) return ['rerun', numbers.get(rerunOf)].filter(Boolean).join(' of ');
  return pullRequest === undefined ? event : `${event} #${pullRequest.number}`;
}
