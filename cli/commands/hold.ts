import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { findSingleJobs } from '../find-jobs.ts';
import { holdingOf, type HoldingOptions } from '../holds/index.ts';

/** Has the nodes of jobs that have not ended yet held when they end, however that is. */
export async function hold(context: Context, target: string, options: HoldingOptions): Promise<number> {
  const holding = await holdingOf(options);
  const { build, jobs } = await withClient(context, async (client) => {
    const found = await findSingleJobs(client, target);
    const wished = [];
    for (const { id } of found.jobs) wished.push(await client.holds.request({ job: id, ...holding }));
    return { build: found.build, jobs: wished };
  });
  if (context.options.json === true) {
    await printJson(context, { jobs });
    return 0;
  }
  for (const { key } of jobs) {
    const time = options.for === undefined ? '' : `, for ${options.for}`;
    await context.out.write(`the node of ${build.number}/${key} is held when its job ends${time}\n`);
  }
  await context.out.write('footman hold ls shows it then\n');
  return 0;
}
