import type { ImageRemovals, ImageStream } from '#controller/api';
import { formatBytes } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { sizeOf } from './image-ls.ts';

export async function promoteVersion(context: Context, name: string): Promise<number> {
  const version = await withClient(context, ({ images }) => images.promote(name));
  const what = `is the current version of ${version.stream} in ${version.cloud}`;
  await report(context, version, [`${version.name} ${what}`]);
  return 0;
}

export async function rollBackStream(
  context: Context,
  stream: string,
  { cloud }: { cloud?: string },
): Promise<number> {
  const place = { stream, ...(cloud !== undefined && { cloud }) };
  const answer = await withClient(context, ({ images }) => images.rollBack(place));
  await report(
    context,
    answer,
    answer.streams.map(
      ({ name, cloud: where, current, previous }) =>
        `${name} in ${where}: ${current?.name ?? 'nothing'} is current again, instead of ${previous?.name ?? 'nothing'}`,
    ),
  );
  return 0;
}

export async function invalidateImage(context: Context, key: string): Promise<number> {
  const answer = await withClient(context, ({ images }) => images.invalidate(key));
  const lines = answer.streams.map(
    (stream) => `${titleOf(stream)} in ${stream.cloud} is made anew when a job wants it`,
  );
  await report(context, answer, lines.length > 0 ? lines : [`there was no image of ${key} any more`]);
  return 0;
}

function titleOf({ name, title }: ImageStream): string {
  return title === null ? name : `${title} (${name})`;
}

export async function removeVersion(context: Context, name: string): Promise<number> {
  const version = await withClient(context, ({ images }) => images.remove(name));
  const what = version.state === 'deleted' ? 'is gone' : 'is being removed';
  await report(context, version, [`${version.name} ${what}`]);
  return 0;
}

/** Columns: version, state, what it takes, why it goes. */
export async function pruneImages(
  context: Context,
  { dryRun = false }: { dryRun?: boolean },
): Promise<number> {
  const going = await withClient(context, ({ images }) => (dryRun ? images.removals() : images.prune()));
  await printTable(context, going, {
    header: ['version', 'state', 'size', 'reason'],
    rows: going.versions.map(({ name, state, bytes, reason }) => [
      name,
      state,
      bytes === null ? '' : sizeOf(bytes, context),
      reason,
    ]),
    none: 'Nothing is to go.',
  });
  const { out, options } = context;
  if (options.json !== true && out.isTerminal && going.versions.length > 0)
    await out.write(`${sum(going)} ${dryRun ? 'would go' : 'are being removed'}\n`);
  return 0;
}

function sum({ versions, bytes }: ImageRemovals): string {
  const count = versions.length === 1 ? '1 version' : `${versions.length} versions`;
  return `${count} with ${formatBytes(bytes)}`;
}

async function report(context: Context, answer: unknown, lines: readonly string[]): Promise<void> {
  if (context.options.json === true) await printJson(context, answer);
  else await context.out.write(`${lines.join('\n')}\n`);
}
