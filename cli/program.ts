import { Command, CommanderError, Option, type CommandOptions } from 'commander';
import { createContext, type Context, type GlobalOptions } from './context.ts';
import { BROKEN_PIPE, USAGE } from './exit-codes.ts';
import type { JobsQuery } from './client/index.ts';
import type { LogsOptions } from './commands/logs.ts';
import type { RerunOptions } from './commands/rerun.ts';
import {
  AFTER_HELP,
  BUILDS_HELP,
  CANCEL_HELP,
  CLOUDS_HELP,
  DOCTOR_HELP,
  EXPLAIN_HELP,
  JOBS_HELP,
  LINT_HELP,
  LOGS_HELP,
  NODES_HELP,
  RERUN_HELP,
  RUN_HELP,
  SERVE_HELP,
} from './help.ts';
import { oneOf, parameterOption, parametersFileOption, toCount, toLines, toTime } from './options.ts';
import type { ParameterOptions } from './pipelines/index.ts';
import { reportError } from './report-error.ts';
import { addArtifactCommands } from './artifact-commands.ts';
import { addConfigCommands } from './config-commands.ts';
import { addHoldCommands } from './hold-commands.ts';
import { addImageCommands } from './image-commands.ts';
import { addOperationsCommands } from './operations-commands.ts';
import { addPeopleCommands } from './people-commands.ts';
import { addProjectCommands } from './project-commands.ts';
import { addSecretCommands } from './secret-commands.ts';
import { addStorageCommands } from './storage-commands.ts';
import { addTestCommands } from './test-commands.ts';
import { VERSION } from './version.ts';

const BUILD_STATES = ['queued', 'running', 'finished'];
const JOB_STATES = ['blocked', 'queued', 'leased', 'running', 'finished'];
const RESULTS = ['success', 'failure', 'errored', 'timed-out', 'cancelled', 'skipped'];

type Run<A extends unknown[]> = (context: Context, ...rest: A) => Promise<number>;

/** Parses the command line, runs the command, and resolves with the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exit = 0;
  const program = createProgram((code) => {
    exit = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    // Commander has told its mistakes, and its help, by itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    return reportError(createContext(program.opts()), error);
  }
}

/** The command tree. Each command's code is loaded when it runs. */
function createProgram(finish: (exit: number) => void): Command {
  const program = new Command('footman')
    .description('Runs builds on nodes that live for one job.')
    .option('--config <file>', 'configuration; ./footman.yaml if it is there, else what is built in')
    .option('--data <dir>', 'folder of all state, instead of what the configuration says')
    .addOption(
      new Option(
        '--controller <url>',
        'controller to talk to; its token comes from FOOTMAN_TOKEN or FOOTMAN_TOKEN_FILE',
      ).env('FOOTMAN_URL'),
    )
    .option('--json', 'print JSON; JSON lines where something is followed')
    .option('--no-color', 'no colours; as the environment variable NO_COLOR')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(footman --help says what there is)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', AFTER_HELP);

  command('run <file>', 'Runs a pipeline and shows its output as it comes.', RUN_HELP)
    .option('--runs-on <labels>', "label expression instead of the jobs' own")
    .addOption(parameterOption())
    .addOption(parametersFileOption())
    .action(
      act(async (context, file: string, options: ParameterOptions & { runsOn?: string }) =>
        (await import('./commands/run.ts')).run(context, file, options),
      ),
    );

  command('lint <files...>', 'Checks pipelines; `-` reads standard input.', LINT_HELP)
    .option('--deny-warnings', 'warnings are mistakes')
    .action(
      act(async (context, files: string[], options: { denyWarnings?: boolean }) =>
        (await import('./commands/lint.ts')).lint(context, files, options),
      ),
    );

  command(
    'explain <what>',
    'Says why a job is waiting, and when it may run; or shows what a pipeline comes to.',
    EXPLAIN_HELP,
  )
    .addOption(parameterOption())
    .addOption(parametersFileOption())
    .action(
      act(async (context, what: string, options: ParameterOptions) =>
        (await import('./commands/explain.ts')).explain(context, what, options),
      ),
    );

  command('builds', 'Lists builds, the newest first.', BUILDS_HELP)
    .option('-n, --limit <count>', 'at most so many', toCount, 20)
    .option('--state <state>', 'only those queued, running or finished', oneOf(BUILD_STATES))
    .option('--pipeline <name>', 'only builds of this pipeline')
    .action(
      act(async (context, options: { limit: number; state?: string; pipeline?: string }) =>
        (await import('./commands/builds.ts')).builds(context, options),
      ),
    );

  command('logs <target>', 'Shows the output of a build, a job or a step.', LOGS_HELP)
    .option('-f, --follow', 'go on until it ends')
    .option('--tail <lines>', 'only the last lines of each step', toCount)
    .option('--since <when>', 'only what came since a time (ISO 8601), or for so long (10m)', toTime)
    .option('--lines <from-to>', 'only these lines of each step, from 1', toLines)
    .option('--grep <text>', 'only lines with this text, with their numbers; fails where there is none')
    .option('-i, --ignore-case', 'with --grep: A to Z are as good as a to z')
    .option('--attempt <number>', 'this attempt at the jobs instead of the last one', toCount)
    .action(
      act(async (context, target: string, options: LogsOptions) =>
        (await import('./commands/logs.ts')).logs(context, target, options),
      ),
    );

  command('cancel <target>', 'Asks a build, or one job of it, to stop.', CANCEL_HELP)
    .option('--job <key>', 'only this job, or all cells of its matrix')
    .option('--force', 'at once: no time to end in order, no post steps, no artifacts')
    .action(
      act(async (context, target: string, options: { job?: string; force?: boolean }) =>
        (await import('./commands/cancel.ts')).cancel(context, target, options),
      ),
    );

  command('rerun <build>', 'Runs a build that has ended again, with the same inputs.', RERUN_HELP)
    .option('--failed', 'only the jobs that did not succeed, and those that need them')
    .option('--job <key>', 'only this job, or all cells of its matrix, and those that need it')
    .option('--hold [duration]', 'hold the nodes of the jobs that fail')
    .option('-f, --follow', 'show it until it ends, as `run` does')
    .action(
      act(async (context, build: string, options: RerunOptions) =>
        (await import('./commands/rerun.ts')).rerun(context, build, options),
      ),
    );

  command('jobs', 'Lists jobs of all builds, the newest first.', JOBS_HELP)
    .option('-n, --limit <count>', 'at most so many', toCount, 20)
    .option('--project <name>', 'only jobs of this project')
    .option('--pipeline <name>', 'only jobs of this pipeline')
    .option('--branch <name>', 'only jobs of this branch')
    .option('--state <state>', 'only those blocked, queued, leased, running or finished', oneOf(JOB_STATES))
    .option(
      '--result <result>',
      'only success, failure, errored, timed-out, cancelled or skipped',
      oneOf(RESULTS),
    )
    .option('--since <when>', 'only those made since a time (ISO 8601), or for so long (12h)', toTime)
    .option('--until <when>', 'only those made before', toTime)
    .option('--label <label...>', 'only those whose nodes had all these labels')
    .option('--node <id>', 'only those that had this node')
    .option('--test <name>', 'only those that told of this test')
    .action(
      act(async (context, query: JobsQuery) => (await import('./commands/jobs.ts')).jobs(context, query)),
    );

  command(
    'clouds',
    'Lists templates: nodes, quotas, how quickly and how well they start.',
    CLOUDS_HELP,
  ).action(act(async (context) => (await import('./commands/clouds.ts')).clouds(context)));

  command('nodes', 'Lists the nodes that exist now.', NODES_HELP)
    .option('-a, --all', 'with those that are gone')
    .action(
      act(async (context, options: { all?: boolean }) =>
        (await import('./commands/nodes.ts')).nodes(context, options),
      ),
    );

  command('doctor', 'Says what is wrong, and what the sweep sees.', DOCTOR_HELP).action(
    act(async (context) => (await import('./commands/doctor.ts')).doctor(context)),
  );

  addArtifactCommands({ command, act });
  addTestCommands({ command, act });
  addProjectCommands({ command, act });
  addSecretCommands({ command, act });
  addHoldCommands({ command, act });
  addPeopleCommands({ command, act });
  addOperationsCommands({ command, act });
  addStorageCommands({ command, act });
  addImageCommands({ command, act });
  addConfigCommands({ command, act });

  command('serve', 'Runs a controller.', SERVE_HELP)
    .option('--listen <host:port>', 'address of the API, instead of what the configuration says')
    .action(
      act(async (context, options: { listen?: string }) =>
        (await import('./commands/serve.ts')).serve(context, options),
      ),
    );

  return program;

  function command(
    synopsis: string,
    description: string,
    examples = '',
    parent = program,
    options: CommandOptions = {},
  ): Command {
    return parent
      .command(synopsis, options)
      .description(description)
      .exitOverride()
      .addHelpText('after', examples);
  }

  /** Commander hands over the arguments, the options and the command; the context takes the last one's place. */
  function act<A extends unknown[]>(run: Run<A>) {
    return async (...given: unknown[]): Promise<void> => {
      const context = createContext(program.opts<GlobalOptions>());
      const rest = given.slice(0, -1) as A;
      try {
        finish(await run(context, ...rest));
      } catch (error) {
        // Whoever read this has left, and knows why it ended.
        finish(context.out.closed.aborted ? BROKEN_PIPE : await reportError(context, error));
      }
    };
  }
}
