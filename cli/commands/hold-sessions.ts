import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { HoldSession } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { formatSpan, formatTime } from '../terminal/index.ts';

/** Lists who was on the node. Columns: session, kind, who, from where, when, how long, what, bytes of its recording. */
export async function listSessions(context: Context, id: string): Promise<number> {
  const list = await withClient(context, ({ holds }) => holds.sessions(id));
  await printTable(context, list, {
    header: ['session', 'kind', 'who', 'from', 'began', 'took', 'what', 'recording'],
    rows: list.sessions.map((session) => rowOf(session, context)),
    none: 'Nobody was on the node.',
  });
  return 0;
}

function rowOf(
  { id, kind, who, peer, detail, startedAt, endedAt, recordedBytes }: HoldSession,
  { out }: Context,
): string[] {
  const took = formatSpan(startedAt, endedAt, Date.now());
  const isOpen = endedAt === null;
  return [
    id,
    kind,
    who,
    peer ?? '',
    formatTime(startedAt),
    isOpen ? `${took}, open` : took,
    detail ?? '',
    recordedBytes === null ? '' : out.isTerminal ? formatBytes(recordedBytes) : String(recordedBytes),
  ];
}

interface RecordingOptions {
  output?: string;
}

/** Writes what a terminal showed, as asciinema plays it. */
export async function holdRecording(
  context: Context,
  id: string,
  session: string,
  { output }: RecordingOptions,
): Promise<number> {
  const { out } = context;
  if (output === undefined && out.isTerminal)
    throw new FootmanError('request-invalid', 'a recording is nothing to read', {
      hint: `play it: footman hold recording ${id} ${session} -o it.cast && asciinema play it.cast`,
    });
  return withClient(context, async ({ holds }) => {
    const recording = await holds.recording(id, session);
    if (output === undefined) {
      for await (const bytes of recording as AsyncIterable<Buffer>) await out.write(bytes);
      return 0;
    }
    const file = resolve(output);
    await pipeline(recording, createWriteStream(file));
    if (context.options.json === true) await printJson(context, { file });
    else await out.write(`${file}\n`);
    return 0;
  });
}
