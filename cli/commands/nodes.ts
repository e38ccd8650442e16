import type { Node } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatSpan, formatTable, paintState } from '../terminal/index.ts';

/** Lists nodes. Columns: id, state, cloud/template, how long it has been in the state, its labels, why. */
export async function nodes(context: Context, { all = false }: { all?: boolean }): Promise<number> {
  const list = await withClient(context, (client) => client.nodes({ all }));
  if (context.options.json === true) {
    await printJson(context, list);
    return 0;
  }
  const { out, style } = context;
  const rows = list.nodes.map((node) => rowOf(node, context));
  if (rows.length === 0 && out.isTerminal) await out.write('There are no nodes.\n');
  const header = ['node', 'state', 'template', 'for', 'labels', 'reason'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  return 0;
}

function rowOf(
  { id, state, cloud, template, stateSince, labels, reason }: Node,
  { style }: Context,
): string[] {
  return [
    id,
    paintState(style, state, null),
    `${cloud}/${template}`,
    formatSpan(stateSince, null, Date.now()),
    labels.join(' '),
    reason ?? '',
  ];
}
