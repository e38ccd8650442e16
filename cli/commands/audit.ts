import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { formatTime } from '../terminal/index.ts';

interface Options {
  subject?: string;
  limit: number;
}

/** Lists who did what, the newest first. Columns: when, who, what, to what, details. */
export async function audit(context: Context, { subject, limit }: Options): Promise<number> {
  const list = await withClient(context, ({ people }) => people.audit({ subject, limit }));
  await printTable(context, list, {
    header: ['time', 'who', 'what', 'to', 'details'],
    rows: list.entries.map(({ at, actor, action, subject: to, data }) => [
      formatTime(at),
      actor,
      action,
      to,
      detailsOf(data),
    ]),
    none: 'Nothing is on record.',
  });
  return 0;
}

/** `node 1qf…, fingerprint SHA256:…`; what is not there is left out. */
function detailsOf(data: Record<string, unknown>): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
