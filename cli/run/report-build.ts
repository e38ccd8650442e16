import { join } from 'node:path';
import type { Build } from '#controller/api';
import { formatBytes, formatDuration } from '#shared/quantity';
import { testSentence } from '#shared/test-counts';
import { downloadArtifacts, folderOf } from '../artifacts/index.ts';
import type { Connection } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { harmless, paintState, type Style } from '../terminal/index.ts';
import { heldLines } from './held-lines.ts';

interface Deps {
  context: Context;
  connection: Connection;
}

/**
 * The last words about a build: its artifacts and where they are, its tests, its result, and who gets onto its held nodes. A controller that goes with
 * this command leaves artifacts as plain files in the data folder.
 */
export async function reportBuild(build: Build, { context, connection }: Deps): Promise<void> {
  const { client, embedded } = connection;
  const folder = embedded === undefined ? undefined : join(embedded.data, 'artifacts', String(build.number));
  const { out, err, style, options } = context;
  if (folder !== undefined) await downloadArtifacts({ client, err, signal: out.closed }, build, folder);
  if (options.json === true) {
    await out.write(`${JSON.stringify({ kind: 'finished', build, artifacts: folder ?? null })}\n`);
    return;
  }
  await out.write(artifactLines(build, folder, style) + testLine(build) + summaryOf(build, style));
  await out.write(await heldLines(build, connection));
}

function artifactLines({ jobs, number }: Build, folder: string | undefined, style: Style): string {
  const lines: string[] = [];
  for (const { key, artifacts } of jobs.filter(({ superseded }) => !superseded)) {
    for (const { name, state, files, bytes, reason } of artifacts) {
      const what = `artifact ${name} of ${key}`;
      if (state === 'complete') {
        const size = `${files} file${files === 1 ? '' : 's'}, ${formatBytes(bytes)}`;
        const where =
          folder === undefined
            ? `footman artifacts get ${number} ${shellWord(key)} ${name}`
            : join(folder, folderOf(key), folderOf(name));
        lines.push(`${what} (${size}): ${where}`);
      } else if (reason !== null || state === 'waiting') {
        const why = reason === null ? '' : `: ${harmless(reason)}`;
        lines.push(`${what}: ${paintState(style, state, null)}${why}`);
      }
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

function testLine({ tests, number }: Build): string {
  if (tests === null) return '';
  const where = tests.failed + tests.errored + tests.flaky === 0 ? '' : `: footman tests ${number}`;
  return `${testSentence(tests)}${where}\n`;
}

function summaryOf(
  { number, pipeline, state, result, reason, createdAt, finishedAt }: Build,
  style: Style,
): string {
  const took = formatDuration((finishedAt ?? Date.now()) - createdAt);
  const why = reason === null || result === 'success' ? '' : `: ${harmless(reason)}`;
  return `build ${number} (${pipeline}): ${paintState(style, state, result)} in ${took}${why}\n`;
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
