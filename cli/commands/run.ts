import type { Build, BuildSummary } from '#controller/api';
import { CATALOGUE, FootmanError } from '#shared/errors';
import { parsePipeline, type Pipeline } from '#shared/pipeline';
import { connect, type Connection } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { EXIT_OF_RESULT } from '../exit-codes.ts';
import { createInterrupts, type Interrupts } from '../interrupt.ts';
import { readPipelineFile, type PipelineFile } from '../pipeline-file.ts';
import { formatProblems } from '../problems.ts';
import {
  followBuild,
  leave,
  prepareSource,
  reportBuild,
  viewFor,
  type PreparedSource,
} from '../run/index.ts';

interface Options {
  runsOn?: string;
}

/** Runs a pipeline to its end, and resolves with the exit code of its result. */
export async function run(context: Context, name: string, { runsOn }: Options): Promise<number> {
  const file = await readPipelineFile(name);
  const parsed = parsePipeline(file.source, file.name);
  if (!parsed.ok) {
    const { err, errStyle: style } = context;
    await err.write(formatProblems(parsed.problems, file.source, { style, excerpts: err.isTerminal }));
    return CATALOGUE['document-invalid'].exit;
  }
  const interrupts = createInterrupts();
  try {
    return await runOn({ context, name, file, pipeline: parsed.pipeline, runsOn, interrupts });
  } finally {
    interrupts.close();
  }
}

interface Work {
  context: Context;
  name: string;
  file: PipelineFile;
  pipeline: Pipeline;
  runsOn: string | undefined;
  interrupts: Interrupts;
}

async function runOn(work: Work): Promise<number> {
  const { context, name, pipeline, interrupts } = work;
  // Both take a while, and neither needs the other.
  const [packed, connected] = await Promise.allSettled([prepareSource(pipeline, name), connect(context)]);
  await using source = valueOf(packed);
  if (connected.status === 'rejected') throw connected.reason;
  const connection = connected.value;
  let last: number | undefined;
  try {
    if (packed.status === 'rejected') throw packed.reason;
    const build = await submit(work, connection, source);
    last = build.number;
    const ended = await watch(work, connection, build);
    await reportBuild(ended, { context, connection });
    return EXIT_OF_RESULT[ended.result ?? 'errored'];
  } finally {
    await leave({ connection, last, context, signal: interrupts.next() });
  }
}

function valueOf<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === 'fulfilled' ? settled.value : undefined;
}

async function submit(
  work: Work,
  { client }: Connection,
  source: PreparedSource | undefined,
): Promise<BuildSummary> {
  const { context, file, runsOn, interrupts } = work;
  if (source !== undefined) await context.err.write(`footman: ${source.sentence}\n`);
  const uploaded = await source?.upload(client);
  if (interrupts.count() > 0) throw new FootmanError('cancelled', 'interrupted before the build began');
  return client.submit({
    file: file.name,
    pipeline: file.source,
    ...(uploaded === undefined ? {} : { source: uploaded }),
    ...(runsOn === undefined ? {} : { runsOn }),
  });
}

/** Shows the build until it ends; the first interrupt cancels it. */
async function watch(
  { context, interrupts }: Work,
  { client }: Connection,
  build: BuildSummary,
): Promise<Build> {
  const failed = new AbortController();
  async function cancel(): Promise<void> {
    try {
      await client.cancelBuild(build.id);
      await context.err.write('footman: the build is being cancelled; another interrupt ends this at once\n');
    } catch (error) {
      failed.abort(error);
    }
  }
  const asked = interrupts.next();
  if (interrupts.count() > 0) void cancel();
  else asked.addEventListener('abort', () => void cancel(), { once: true });
  const view = viewFor(context);
  return followBuild(await client.build(build.id), { client, view, signal: failed.signal });
}
