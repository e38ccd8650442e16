import { join, resolve } from 'node:path';
import { CATALOGUE } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import {
  choose,
  createTransferProgress,
  folderOf,
  getArtifacts,
  isOver,
  untilOver,
  type Chosen,
  type Got,
} from '../artifacts/index.ts';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { harmless } from '../terminal/index.ts';

interface GetOptions {
  to?: string;
  wait?: boolean;
}

/**
 * Downloads artifacts, and prints where each file is. The exit code says whether all are there: 75 where more may come later, 66 where
 * something never will.
 */
export async function getArtifactsOf(
  context: Context,
  build: string,
  job: string | undefined,
  artifact: string | undefined,
  paths: string[],
  { to = '.', wait = false }: GetOptions,
): Promise<number> {
  return withClient(context, async (client) => {
    const found = await choose(client, { build, job, artifact });
    const signal = context.out.closed;
    const chosen = wait ? await untilOver(client, found.build.id, found.chosen, signal) : found.chosen;
    // What was named goes right into the folder; of several, each has its own in there.
    const isNamed = artifact !== undefined && chosen.length === 1;
    const folderFor = ({ job: { key }, artifact: { name } }: Chosen): string =>
      isNamed ? resolve(to) : resolve(to, join(folderOf(key), folderOf(name)));
    const got = await getAll(
      context,
      client,
      chosen.map((one) => ({ ...one, folder: folderFor(one), paths })),
    );
    return tellMissing(context, chosen, got);
  });
}

async function getAll(
  context: Context,
  client: Client,
  wanted: readonly Parameters<typeof getArtifacts>[1][],
): Promise<Got[]> {
  const { out, err } = context;
  const isPlain = context.options.json !== true && !out.isTerminal;
  const progress = createTransferProgress(err);
  const onFile = isPlain ? { onFile: (file: string) => out.write(`${file}\n`) } : {};
  const got: Got[] = [];
  try {
    for (const one of wanted) {
      if (one.artifact.state !== 'complete') continue;
      got.push(await getArtifacts({ client, progress, ...onFile, signal: out.closed }, one));
    }
  } finally {
    progress.close();
  }
  if (context.options.json === true) await printJson(context, { artifacts: got });
  else if (out.isTerminal) for (const one of got) await out.write(summaryOf(one, wanted));
  return got;
}

function summaryOf({ job, artifact, folder, files }: Got, wanted: readonly Chosen[]): string {
  const bytes =
    wanted.find((one) => one.job.key === job && one.artifact.name === artifact)?.artifact.bytes ?? 0;
  const size = `${files.length} file${files.length === 1 ? '' : 's'}, ${formatBytes(bytes)}`;
  return `artifact ${artifact} of ${job} (${size}): ${folder}\n`;
}

async function tellMissing(
  { err }: Context,
  chosen: readonly Chosen[],
  got: readonly Got[],
): Promise<number> {
  for (const { artifact, left } of got)
    for (const link of left)
      await err.write(
        `footman: artifact ${artifact}: left out a link that leads out of it: ${JSON.stringify(link)}\n`,
      );
  const missing = chosen.filter(({ artifact: { state } }) => state !== 'complete' && state !== 'empty');
  for (const { job, artifact } of missing) {
    const why = artifact.reason === null ? '' : `: ${harmless(artifact.reason)}`;
    await err.write(`footman: artifact ${artifact.name} of ${job.key} is ${artifact.state}${why}\n`);
  }
  // Nobody is to look for what was never there.
  if (got.length === 0 && missing.length === 0) await err.write(`${nothingOf(chosen)}\n`);
  const [first] = missing;
  if (first === undefined) return 0;
  const mayCome = missing.some(({ artifact }) => !isOver(artifact));
  if (mayCome) await err.write('hint: with --wait this command waits for it\n');
  return CATALOGUE[mayCome ? 'conflict' : 'not-found'].exit;
}

function nothingOf([first]: readonly Chosen[]): string {
  if (first === undefined) return 'There are no artifacts.';
  const { name, reason } = first.artifact;
  return `Nothing was left as ${name}: ${reason ?? 'it is empty'}.`;
}
