import type { Autohold } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { holdingOf, type HoldingOptions } from '../holds/index.ts';
import { printTable } from '../print-table.ts';
import { formatTime } from '../terminal/index.ts';

export interface AutoholdOptions extends HoldingOptions {
  project?: string;
  pipeline?: string;
  job?: string;
  branch?: string;
  count?: number;
  stands?: string;
}

/** Holds the nodes of the next failures that match. */
export async function addAutohold(
  context: Context,
  { project, pipeline, job, branch, count, stands, ...holding }: AutoholdOptions,
): Promise<number> {
  const wanted = { project, pipeline, job, branch };
  if (Object.values(wanted).every((value) => value === undefined))
    throw new FootmanError('request-invalid', 'nobody said which failures', {
      hint: "name some of --project, --pipeline, --job and --branch; --job '*' means all",
    });
  const body = { ...wanted, count, stands, ...(await holdingOf(holding)) };
  const autohold = await withClient(context, ({ people }) => people.addAutohold(body));
  await report(
    context,
    autohold,
    `holds ${failuresOf(autohold)}, until ${formatTime(autohold.expiresAt)} at the latest`,
  );
  return 0;
}

/** Columns: autohold, owner, what it matches, how many failures it still holds of how many, for how long, when it is over, why. */
export async function listAutoholds(context: Context, { mine = false }: { mine?: boolean }): Promise<number> {
  const list = await withClient(context, ({ people }) => people.autoholds({ mine }));
  await printTable(context, list, {
    header: ['autohold', 'owner', 'matches', 'left', 'for', 'until', 'reason'],
    rows: list.autoholds.map((autohold) => [
      autohold.id,
      autohold.owner,
      matchOf(autohold),
      `${autohold.remaining} of ${autohold.count}`,
      autohold.forMs === null ? '' : formatDuration(autohold.forMs),
      formatTime(autohold.expiresAt),
      autohold.reason ?? '',
    ]),
    none: 'There are no autoholds.',
  });
  return 0;
}

export async function removeAutohold(context: Context, id: string): Promise<number> {
  const autohold = await withClient(context, ({ people }) => people.removeAutohold(id));
  await report(context, autohold, 'is over; what it holds stays held');
  return 0;
}

function failuresOf({ remaining }: Autohold): string {
  return remaining === 1 ? 'the next failure' : `the next ${remaining} failures`;
}

function matchOf({ project, pipeline, job, branch }: Autohold): string {
  return Object.entries({ project, pipeline, job, branch })
    .flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]))
    .join(', ');
}

async function report(context: Context, autohold: Autohold, what: string): Promise<void> {
  if (context.options.json === true) return printJson(context, autohold);
  await context.out.write(`autohold ${autohold.id} (${matchOf(autohold)}) ${what}\n`);
}
