import type { CommandTools } from './command-tools.ts';
import type { BuildTestsOptions } from './commands/tests-of-build.ts';
import type { HistoryOptions } from './commands/tests-history.ts';
import type { ListTestsOptions } from './commands/tests-ls.ts';
import { toCount } from './options.ts';

const SHOW_HELP = `
Without --all, those that failed and those that are flaky. \`new\` failed, and passed at its last run; \`flaky\` says different things about
the same code.

Examples:
  footman tests 12
  footman tests 12 unit --failed --output
  footman --json tests 12 --all | jq -r '.tests[] | select(.ms > 1000) | .name'`;

const LS_HELP = `
Each test comes once for each branch, with its last runs, the newest at the end: \`.\` passed, \`F\` failed, \`!\` did both.

Examples:
  footman tests ls --flaky --branch main
  footman tests ls --failing --pipeline nightly
  footman tests ls --query scrub`;

const HISTORY_HELP = `
The name is the test's own, with its class before it (\`tests.test_osd.test_boot\`) where several are called so, a part of both, or its id.

Examples:
  footman tests history test_boot
  footman tests history test_osd.test_boot --branch main -n 50`;

/** `footman tests …` */
export function addTestCommands({ command, act }: CommandTools): void {
  const tests = command('tests', 'Shows what tests of builds told, and how tests are doing.');

  command('show <build> [job]', 'Lists tests of a build; `show` may be left out.', SHOW_HELP, tests, {
    isDefault: true,
  })
    .option('--failed', 'only those that failed')
    .option('--all', 'those that passed, too')
    .option('--query <text>', 'only those with this in their names')
    .option('--output', 'with all that the failed ones wrote')
    .action(
      act(async (context, build: string, job: string | undefined, options: BuildTestsOptions) =>
        (await import('./commands/tests-of-build.ts')).testsOfBuild(context, build, job, options),
      ),
    );

  command('ls', 'Lists tests and how they are doing on each branch.', LS_HELP, tests)
    .alias('list')
    .option('-n, --limit <count>', 'at most so many', toCount, 100)
    .option('--project <name>', 'only tests of this project')
    .option('--pipeline <name>', 'only tests of this pipeline')
    .option('--branch <name>', 'only on this branch; pull/7 is a pull request')
    .option('--flaky', 'only those that say different things about the same code')
    .option('--failing', 'only those that failed last')
    .option('--query <text>', 'only those with this in their names')
    .action(
      act(async (context, options: ListTestsOptions) =>
        (await import('./commands/tests-ls.ts')).listTests(context, options),
      ),
    );

  command('history <name>', 'Lists the runs of a test, the newest first.', HISTORY_HELP, tests)
    .option('-n, --limit <count>', 'at most so many', toCount, 20)
    .option('--project <name>', 'a test of this project')
    .option('--pipeline <name>', 'a test of this pipeline')
    .option('--branch <name>', 'only runs on this branch')
    .action(
      act(async (context, name: string, options: HistoryOptions) =>
        (await import('./commands/tests-history.ts')).testHistory(context, name, options),
      ),
    );
}
