import { chooseOne } from '../artifacts/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';

/** Prints a link that is good without a token. */
export async function linkArtifact(
  context: Context,
  build: string,
  job: string,
  name: string,
  path: string | undefined,
  { for: lifetime }: { for: string },
): Promise<number> {
  return withClient(context, async (client) => {
    const { artifact } = await chooseOne(client, { build, job, artifact: name });
    const link = await client.artifacts.link(artifact.id, {
      for: lifetime,
      ...(path === undefined ? {} : { path }),
    });
    if (context.options.json === true) await printJson(context, link);
    else await context.out.write(`${link.url}\n`);
    return 0;
  });
}
