import type { ImageStream, VersionSummary } from '#controller/api';
import { formatBytes, formatDuration } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { formatSpan, formatTime, paintState } from '../terminal/index.ts';

/** Lists streams, those of prepared images apart; or the versions of one stream. */
export async function listImages(
  context: Context,
  stream: string | undefined,
  { prepared = false }: { prepared?: boolean },
): Promise<number> {
  if (stream !== undefined) return listVersions(context, stream);
  return prepared ? listPrepared(context) : listStreams(context);
}

/** Columns: stream, cloud, current version, its age, previous version, how many there are, what they take. */
async function listStreams(context: Context): Promise<number> {
  const list = await withClient(context, ({ images }) => images.streams({ kind: 'named' }));
  await printTable(context, list, {
    header: ['stream', 'cloud', 'current', 'age', 'previous', 'versions', 'size'],
    rows: list.streams.map((stream) => [
      stream.name,
      stream.cloud,
      stream.current?.name ?? '',
      ageOf(stream, context),
      stream.previous?.name ?? '',
      String(stream.versions),
      sizeOf(stream.bytes, context),
    ]),
    none: 'There are no image streams: a job makes one by a `snapshot` step.',
  });
  return 0;
}

/** Columns: what people call it, cloud, stream, age of what there is of it, when a job last started from it, what all its versions take. */
async function listPrepared(context: Context): Promise<number> {
  const list = await withClient(context, ({ images }) => images.streams({ kind: 'prepared' }));
  await printTable(context, list, {
    header: ['image', 'cloud', 'stream', 'age', 'used', 'size'],
    rows: list.streams.map((stream) => [
      stream.title ?? '',
      stream.cloud,
      stream.name,
      ageOf(stream, context),
      stream.usedAt === null ? '' : formatTime(stream.usedAt),
      sizeOf(stream.bytes, context),
    ]),
    none: 'There are no prepared images: jobs with `prepare` make them.',
  });
  return 0;
}

/** Columns: version, cloud, state, what it is to its stream, time since it was captured, what it takes, who made it, why it is so. */
async function listVersions(context: Context, stream: string): Promise<number> {
  const list = await withClient(context, ({ images }) => images.versions({ stream }));
  await printTable(context, list, {
    header: ['version', 'cloud', 'state', 'is', 'age', 'size', 'made by', 'reason'],
    rows: list.versions.map((version) => [
      version.name,
      version.cloud,
      paintState(context.style, version.state, null),
      roleOf(version),
      formatSpan(version.capturedAt, null, Date.now()),
      version.bytes === null ? '' : sizeOf(version.bytes, context),
      makerOf(version),
      version.reason ?? '',
    ]),
    none: `There is no version of ${stream}.`,
  });
  return 0;
}

/** What a version is to its stream. */
export function roleOf({ pointer, bad }: Pick<VersionSummary, 'pointer' | 'bad'>): string {
  return bad ? 'bad' : (pointer ?? '');
}

/** Who made it. */
export function makerOf({ job, build }: Pick<VersionSummary, 'job' | 'build'>): string {
  return job ?? (build === null ? 'an import' : `build ${build}`);
}

export function sizeOf(bytes: number, { out }: Context): string {
  return out.isTerminal ? formatBytes(bytes) : String(bytes);
}

function ageOf({ ageMs, overdue }: ImageStream, { style }: Context): string {
  const age = ageMs === null ? '' : formatDuration(ageMs);
  return overdue ? style.paint('yellow', `${age} (overdue)`.trim()) : age;
}
