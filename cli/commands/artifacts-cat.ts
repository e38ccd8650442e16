import { createHash } from 'node:crypto';
import { FootmanError } from '#shared/errors';
import { chooseOne, missingPath, requireComplete } from '../artifacts/index.ts';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';

/** Prints a file's bytes as they are, or a range of them. The digest of a whole file is checked, but only its last byte tells. */
export async function catArtifact(
  context: Context,
  build: string,
  job: string,
  name: string,
  path: string,
  { range }: { range?: string },
): Promise<number> {
  const { out } = context;
  return withClient(context, async (client) => {
    const { artifact } = await chooseOne(client, { build, job, artifact: name });
    requireComplete(artifact);
    if (range !== undefined) {
      for await (const bytes of await client.artifacts.range(artifact.id, path, range, out.closed))
        await out.write(bytes as Buffer);
      return 0;
    }
    const files = await Array.fromAsync(client.artifacts.files(artifact.id));
    const file = files.find((one) => one.path === path);
    if (file === undefined) {
      const known = files.map((one) => one.path);
      throw missingPath(`artifact ${name} has no file`, path, known);
    }
    const hash = createHash('sha256');
    for await (const bytes of client.artifacts.content(artifact.id, file, 0, out.closed)) {
      hash.update(bytes);
      await out.write(bytes);
    }
    if (hash.digest('hex') === file.sha256) return 0;
    throw new FootmanError('protocol-violation', `${path} did not arrive as it was stored`);
  });
}
