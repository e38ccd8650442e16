import type { BuildSummary } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Pipeline } from '#shared/pipeline';
import { connect, type Connection } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { MISTAKES } from '../exit-codes.ts';
import { createInterrupts, type Interrupts } from '../interrupt.ts';
import {
  goodPipeline,
  loadPipeline,
  readParameters,
  valuesOf,
  type Given,
  type LoadedPipeline,
  type ParameterOptions,
} from '../pipelines/index.ts';
import { INTERRUPTS_HEARD, leave, prepareSource, runToEnd, type PreparedSource } from '../run/index.ts';

interface Options extends ParameterOptions {
  runsOn?: string;
}

/** Runs a pipeline to its end, and resolves with the exit code of its result. */
export async function run(context: Context, name: string, options: Options): Promise<number> {
  const loaded = await loadPipeline(name);
  const pipeline = await goodPipeline(context, loaded);
  const parameters = await readParameters(context, options);
  if (pipeline === undefined || parameters === undefined) return MISTAKES;
  valuesOf(pipeline, parameters);
  const interrupts = createInterrupts({ asking: INTERRUPTS_HEARD });
  try {
    return await runOn({ context, name, loaded, pipeline, parameters, runsOn: options.runsOn, interrupts });
  } finally {
    interrupts.close();
  }
}

interface Work {
  context: Context;
  name: string;
  loaded: LoadedPipeline;
  pipeline: Pipeline;
  parameters: Given;
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
    return await runToEnd(build, { context, connection, interrupts });
  } finally {
    await leave({ connection, last, context, signal: interrupts.next() });
  }
}

function valueOf<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === 'fulfilled' ? settled.value : undefined;
}

async function submit(
  { context, loaded, parameters, runsOn, interrupts }: Work,
  { client }: Connection,
  source: PreparedSource | undefined,
): Promise<BuildSummary> {
  const { file, templates } = loaded;
  if (source !== undefined) await context.err.write(`footman: ${source.sentence}\n`);
  const uploaded = await source?.upload(client);
  if (interrupts.count() > 0) throw new FootmanError('cancelled', 'interrupted before the build began');
  return client.submit({
    file: file.name,
    pipeline: file.source,
    templates,
    parameters,
    ...(uploaded === undefined ? {} : { source: uploaded }),
    ...(runsOn === undefined ? {} : { runsOn }),
  });
}
