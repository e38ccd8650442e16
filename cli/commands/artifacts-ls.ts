import type { ArtifactFile } from '#controller/api';
import { formatBytes } from '#shared/quantity';
import { choose, type Chosen } from '../artifacts/index.ts';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatTable, harmless, paintState } from '../terminal/index.ts';

/** Lists artifacts of a build, of a job, or one; or the files of those. Columns: see docs/usage/cli.md. */
export async function listArtifacts(
  context: Context,
  build: string,
  job: string | undefined,
  artifact: string | undefined,
  { files = false }: { files?: boolean },
): Promise<number> {
  return withClient(context, async (client) => {
    const { chosen } = await choose(client, { build, job, artifact });
    if (files) await listFiles(context, client, chosen);
    else await list(context, chosen);
    return 0;
  });
}

async function list(context: Context, chosen: readonly Chosen[]): Promise<void> {
  const { out, style, options } = context;
  if (options.json === true) {
    const artifacts = chosen.map(({ job, artifact }) => Object.assign({ job: job.key }, artifact));
    await printJson(context, { artifacts });
    return;
  }
  const rows = chosen.map(({ job, artifact: { name, state, files, bytes, reason } }) => [
    job.key,
    name,
    paintState(style, state, null),
    String(files),
    out.isTerminal ? formatBytes(bytes) : String(bytes),
    reason ?? '',
  ]);
  if (rows.length === 0 && out.isTerminal) await out.write('There are no artifacts.\n');
  const header = ['job', 'artifact', 'state', 'files', 'size', 'reason'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
}

async function listFiles(context: Context, client: Client, chosen: readonly Chosen[]): Promise<void> {
  const { out, style, options } = context;
  const all: (ArtifactFile & { job: string; artifact: string })[] = [];
  for (const { job, artifact } of chosen) {
    for await (const file of client.artifacts.files(artifact.id))
      all.push({ job: job.key, artifact: artifact.name, ...file });
  }
  if (options.json === true) {
    await printJson(context, { files: all });
    return;
  }
  const rows = all.map(({ job, artifact, path, bytes, mode, sha256, link }) => [
    job,
    artifact,
    link === null ? mode.toString(8).padStart(4, '0') : 'link',
    out.isTerminal ? formatBytes(bytes) : String(bytes),
    link === null ? sha256 : '',
    harmless(link === null ? path : `${path} -> ${link}`),
  ]);
  const header = ['job', 'artifact', 'mode', 'size', 'sha256', 'path'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
}
