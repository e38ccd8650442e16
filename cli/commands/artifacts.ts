import { resolve } from 'node:path';
import type { Build } from '#controller/api';
import { formatBytes } from '#shared/quantity';
import { downloadArtifacts } from '../artifacts/download.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatTable, paintState } from '../terminal/index.ts';

/** Lists a build's artifacts (job, artifact, state, files, bytes), or downloads them and lists where each file is. */
export async function artifacts(context: Context, name: string, { get }: { get?: string }): Promise<number> {
  return withClient(context, async (client) => {
    const build = await client.build(name.replace(/^#/, ''));
    if (get === undefined) {
      await list(context, build);
      return 0;
    }
    const downloaded = await downloadArtifacts(client, build, resolve(get));
    if (context.options.json === true) await printJson(context, { artifacts: downloaded });
    else for (const { files } of downloaded) for (const file of files) await context.out.write(`${file}\n`);
    return 0;
  });
}

async function list(context: Context, build: Build): Promise<void> {
  const { out, style, options } = context;
  const last = build.jobs.filter(({ superseded }) => !superseded);
  const all = last.flatMap((job) => job.artifacts.map((artifact) => ({ job: job.key, artifact })));
  if (options.json === true) {
    await printJson(context, { artifacts: all.map(({ job, artifact }) => Object.assign({ job }, artifact)) });
    return;
  }
  const rows = all.map(({ job, artifact: { name, state, files, bytes, reason } }) => [
    job,
    name,
    paintState(style, state, null),
    String(files),
    out.isTerminal ? formatBytes(bytes) : String(bytes),
    reason ?? '',
  ]);
  if (rows.length === 0 && out.isTerminal) await out.write('The build has no artifacts.\n');
  const header = ['job', 'artifact', 'state', 'files', 'size', 'reason'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
}
