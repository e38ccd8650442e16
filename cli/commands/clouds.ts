import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { templateRow } from '../clouds/index.ts';

/** Lists templates. Columns: cloud/template, labels, nodes by state, idle nodes of those that the pool should have, quota, p50 and p95 of starts, success, what stands against launches. */
export async function clouds(context: Context): Promise<number> {
  const list = await withClient(context, (client) => client.clouds());
  await printTable(context, list, {
    header: ['template', 'labels', 'nodes', 'pool', 'quota', 'start p50', 'p95', 'success', 'state'],
    rows: list.clouds.flatMap((cloud) =>
      cloud.templates.map((template) => templateRow(cloud, template, context.style)),
    ),
    none: 'There are no clouds.',
  });
  return 0;
}
