import type { ArtifactFile } from '#controller/api';
import { formatBytes } from '#shared/quantity';
import { choose, type Chosen } from '../artifacts/index.ts';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { harmless, paintState } from '../terminal/index.ts';

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

function list(context: Context, chosen: readonly Chosen[]): Promise<void> {
  const { out, style } = context;
  const artifacts = chosen.map(({ job, artifact }) => Object.assign({ job: job.key }, artifact));
  return printTable(
    context,
    { artifacts },
    {
      header: ['job', 'artifact', 'state', 'files', 'size', 'reason'],
      rows: artifacts.map(({ job, name, state, files, bytes, reason }) => [
        job,
        name,
        paintState(style, state, null),
        String(files),
        out.isTerminal ? formatBytes(bytes) : String(bytes),
        reason ?? '',
      ]),
      none: 'There are no artifacts.',
    },
  );
}

async function listFiles(context: Context, client: Client, chosen: readonly Chosen[]): Promise<void> {
  const { out } = context;
  const files: (ArtifactFile & { job: string; artifact: string })[] = [];
  for (const { job, artifact } of chosen) {
    for await (const file of client.artifacts.files(artifact.id))
      files.push({ job: job.key, artifact: artifact.name, ...file });
  }
  await printTable(
    context,
    { files },
    {
      header: ['job', 'artifact', 'mode', 'size', 'sha256', 'path'],
      rows: files.map(({ job, artifact, path, bytes, mode, sha256, link }) => [
        job,
        artifact,
        link === null ? mode.toString(8).padStart(4, '0') : 'link',
        out.isTerminal ? formatBytes(bytes) : String(bytes),
        link === null ? sha256 : '',
        harmless(link === null ? path : `${path} -> ${link}`),
      ]),
      none: 'There are no files.',
    },
  );
}
