import type { BuildSummary } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatSpan, formatTable, formatTime, paintState } from '../terminal/index.ts';

interface Options {
  limit: number;
  state?: string;
  pipeline?: string;
}

/** Lists builds. Columns: number, result or state, pipeline, commit, when it was made, how long it took. */
export async function builds(context: Context, options: Options): Promise<number> {
  const list = await withClient(context, (client) => client.builds(options));
  if (context.options.json === true) {
    await printJson(context, list);
    return 0;
  }
  const { out, style } = context;
  const rows = list.builds.map((build) => rowOf(build, context));
  if (rows.length === 0 && out.isTerminal) await out.write('There are no builds.\n');
  const header = ['build', 'result', 'pipeline', 'commit', 'created', 'took'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  return 0;
}

function rowOf(build: BuildSummary, { style }: Context): string[] {
  const { number, state, result, pipeline, source, createdAt, startedAt, finishedAt } = build;
  return [
    String(number),
    paintState(style, state, result),
    pipeline,
    source?.commit.slice(0, 12) ?? '',
    formatTime(createdAt),
    formatSpan(startedAt, finishedAt, Date.now()),
  ];
}
