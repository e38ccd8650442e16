import { planOf } from '#shared/pipeline';
import { connectToRunning } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { MISTAKES } from '../exit-codes.ts';
import { createPlaces, explainJobs, formatJob, formatPipeline, type Places } from '../explain/index.ts';
import {
  goodPipeline,
  loadPipeline,
  readParameters,
  valuesOf,
  type ParameterOptions,
} from '../pipelines/index.ts';

/** Shows what a pipeline comes to, and with a controller where its jobs can run. */
export async function explainPipeline(
  context: Context,
  name: string,
  options: ParameterOptions,
): Promise<number> {
  const loaded = await loadPipeline(name);
  const pipeline = await goodPipeline(context, loaded);
  const given = await readParameters(context, options);
  if (pipeline === undefined || given === undefined) return MISTAKES;
  const parameters = valuesOf(pipeline, given);
  const plan = planOf(pipeline, parameters);
  const places = await knownPlaces(context);
  const { out, style } = context;
  const file = loaded.file.name;
  if (context.options.json === true) {
    const jobs = plan.jobs.map((job) => ({ ...job, templates: places?.for(job.runsOn) ?? null }));
    await printJson(context, { ...plan, file, parameters, jobs });
    return 0;
  }
  const blocks = [
    formatPipeline(pipeline, { file, parameters, style }),
    ...explainJobs(pipeline, plan, places).map((job) => formatJob(job, style)),
  ];
  await out.write(blocks.join('\n'));
  return 0;
}

/** Undefined without a controller: none is started to ask. */
async function knownPlaces(context: Context): Promise<Places | undefined> {
  const connection = await connectToRunning(context);
  if (connection === undefined) return undefined;
  try {
    const { clouds } = await connection.client.clouds();
    return createPlaces(clouds);
  } finally {
    await connection.close();
  }
}
