import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { MISTAKES } from '../exit-codes.ts';
import { readParameters, type ParameterOptions } from '../pipelines/index.ts';
import { printTable } from '../print-table.ts';
import { startBuild } from '../run/index.ts';
import { formatTime, printable } from '../terminal/index.ts';

export interface BuildOptions extends ParameterOptions {
  ref?: string;
  pipeline?: string;
  follow?: boolean;
}

/** Starts a build of the repository as it is now. */
export async function buildProject(
  context: Context,
  name: string,
  { ref, pipeline, follow = false, ...options }: BuildOptions,
): Promise<number> {
  const parameters = await readParameters(context, options);
  if (parameters === undefined) return MISTAKES;
  const wish = {
    parameters,
    ...(ref === undefined ? {} : { ref }),
    ...(pipeline === undefined ? {} : { pipeline }),
  };
  return startBuild(context, {
    start: ({ projects }) => projects.build(name, wish),
    follow,
    sentence: (build) => `build ${build.number} of ${build.pipeline} is started`,
  });
}

/** Columns: when it came, event, state, what came of it. */
export async function listDeliveries(
  context: Context,
  name: string,
  { limit }: { limit: number },
): Promise<number> {
  const list = await withClient(context, ({ projects }) => projects.deliveries(name, limit));
  await printTable(context, list, {
    header: ['received', 'event', 'state', 'outcome'],
    rows: list.deliveries.map(({ receivedAt, event, state, reason }) => [
      formatTime(receivedAt),
      printable(event),
      state,
      lineOf(reason),
    ]),
    none: 'Nothing has come yet.',
  });
  return 0;
}

/** Columns: file, as it is written, what `H` came to, time zone, next run, last run. */
export async function listSchedules(context: Context, name: string): Promise<number> {
  const list = await withClient(context, ({ projects }) => projects.schedules(name));
  await printTable(context, list, {
    header: ['file', 'cron', 'comes to', 'time zone', 'next', 'last'],
    rows: list.schedules.map(({ file, cron, resolved, timezone, nextAt, lastAt }) => [
      printable(file),
      cron,
      resolved,
      timezone,
      formatTime(nextAt),
      lastAt === null ? '' : formatTime(lastAt),
    ]),
    none: 'No pipeline of the default branch has a schedule.',
  });
  return 0;
}

/** Columns: commit, context, state, what the provider knows of it, why it does not know all. */
export async function listStatuses(context: Context, name: string): Promise<number> {
  const list = await withClient(context, ({ projects }) => projects.statuses(name));
  await printTable(context, list, {
    header: ['commit', 'status', 'state', 'told', 'problem'],
    rows: list.statuses.map((status) => [
      status.sha.slice(0, 12),
      printable(status.context),
      status.state,
      status.told ?? '',
      lineOf(status.problem),
    ]),
    none: 'The provider was told of no build yet.',
  });
  return 0;
}

/** What came from outside, on one line. */
function lineOf(text: string | null): string {
  return printable((text ?? '').replaceAll('\n', '; '));
}
