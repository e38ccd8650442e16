import type { TestHistory } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatTable, formatTime } from '../terminal/index.ts';
import { findTests, marksOf, paintResult, testName, took } from '../tests/index.ts';

export interface HistoryOptions {
  limit: number;
  project?: string;
  pipeline?: string;
  branch?: string;
}

/** An id, as `--json` shows it. */
const ID = /^[0-9a-f]{32}$/;

/** Columns: build, job, branch, commit, result, what it took, marks, when, why. A test of several jobs has a row for each. */
export async function testHistory(context: Context, name: string, options: HistoryOptions): Promise<number> {
  const { limit, branch, ...where } = options;
  const histories = await withClient(context, async (client) => {
    const ids = ID.test(name)
      ? [name]
      : (await findTests(client, name, { ...where, branch })).map(({ id }) => id);
    return Promise.all(ids.map((id) => client.tests.history(id, { branch, limit })));
  });
  if (context.options.json === true) await printJson(context, { tests: histories });
  else await print(context, histories, limit);
  return 0;
}

async function print({ out, style }: Context, histories: TestHistory[], limit: number): Promise<void> {
  const runs = histories
    .flatMap((history) => history.runs)
    .toSorted((one, other) => other.build - one.build || other.attempt - one.attempt)
    .slice(0, limit);
  const [first] = histories;
  if (out.isTerminal && first !== undefined) await out.write(`${style.paint('bold', testName(first))}\n`);
  const rows = runs.map((run) => [
    run.attempt === 1 ? String(run.build) : `${run.build} (attempt ${run.attempt})`,
    run.job,
    run.branch,
    run.commit?.slice(0, 12) ?? '',
    paintResult(style, run.result),
    took(run),
    marksOf(run),
    formatTime(run.at),
    run.message?.split('\n', 1)[0] ?? '',
  ]);
  const header = ['build', 'job', 'branch', 'commit', 'result', 'took', 'marks', 'at', 'message'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  else if (out.isTerminal) await out.write('It has not run.\n');
}
