import type { BuildSummary } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { buildName } from '../target.ts';

export async function pinBuild(
  context: Context,
  name: string,
  { reason }: { reason?: string },
): Promise<number> {
  const build = await withClient(context, ({ storage }) => storage.pin(buildName(name), reason));
  return report(context, build, 'is pinned, and stays');
}

export async function unpinBuild(context: Context, name: string): Promise<number> {
  const build = await withClient(context, ({ storage }) => storage.unpin(buildName(name)));
  return report(context, build, 'is not pinned any more');
}

export async function removeBuild(context: Context, name: string): Promise<number> {
  const build = await withClient(context, ({ storage }) => storage.removeBuild(buildName(name)));
  return report(context, build, 'is removed, with all that it left');
}

async function report(context: Context, build: Pick<BuildSummary, 'number'>, what: string): Promise<number> {
  if (context.options.json === true) await printJson(context, build);
  else await context.out.write(`build ${build.number} ${what}\n`);
  return 0;
}
