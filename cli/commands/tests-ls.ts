import type { Test } from '#controller/api';
import type { TestsQuery } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { formatTime } from '../terminal/index.ts';
import { testName } from '../tests/index.ts';

export type ListTestsOptions = TestsQuery;

const LETTERS = { passed: '.', failed: 'F', mixed: '!' } as const;

/** Columns: test, pipeline, job, branch, its last runs, whether it is flaky, number of the last build, when it ran. */
export async function listTests(context: Context, options: ListTestsOptions): Promise<number> {
  const list = await withClient(context, ({ tests }) => tests.list(options));
  await printTable(context, list, {
    header: ['test', 'pipeline', 'job', 'branch', 'runs', 'flaky', 'build', 'at'],
    rows: list.tests
      .toSorted((one, other) => (testName(one) < testName(other) ? -1 : 1))
      .map((test) => [
        testName(test),
        test.pipeline,
        test.job,
        test.branch,
        runsOf(test, context),
        test.isFlaky ? 'flaky' : '',
        String(test.lastBuild),
        formatTime(test.lastAt),
      ]),
    none: 'There are no such tests.',
  });
  return 0;
}

function runsOf({ recent }: Test, { style }: Context): string {
  const letters = recent.map(({ result }) => LETTERS[result]).join('');
  return style.colours ? letters.replaceAll(/[F!]+/g, (bad) => style.paint('red', bad)) : letters;
}
