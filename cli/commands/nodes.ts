import type { Node } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { heldText } from '../holds/index.ts';
import { formatSpan, formatTable } from '../terminal/index.ts';
import { paintNodeState } from './node-state.ts';

/** Lists nodes. Columns: id, state, cloud/template, how long it has been in the state, its labels, the job that it has or had, why. */
export async function nodes(context: Context, { all = false }: { all?: boolean }): Promise<number> {
  const list = await withClient(context, (client) => client.nodes({ all }));
  if (context.options.json === true) {
    await printJson(context, list);
    return 0;
  }
  const { out, style } = context;
  const rows = list.nodes.map((node) => rowOf(node, context));
  if (rows.length === 0 && out.isTerminal) await out.write('There are no nodes.\n');
  const header = ['node', 'state', 'template', 'for', 'labels', 'job', 'reason'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  return 0;
}

function rowOf(node: Node, { style }: Context): string[] {
  const { id, cloud, template, stateSince, labels, job } = node;
  return [
    id,
    paintNodeState(style, node),
    `${cloud}/${template}`,
    formatSpan(stateSince, null, Date.now()),
    labels.join(' '),
    job ?? '',
    reasonOf(node),
  ];
}

/** Why it is as it is, and why it is still there. */
function reasonOf({ state, reason, cordoned, removalFailures, hold }: Node): string {
  const tries = removalFailures === 1 ? 'a try' : `${removalFailures} tries`;
  const stuck = state === 'deleting' && removalFailures > 0 ? `not removed in ${tries} yet` : null;
  const isThere = state !== 'deleting' && state !== 'deleted';
  const shut = cordoned !== null && isThere ? `cordoned: ${cordoned}` : null;
  return [stuck, shut, hold === null ? reason : heldText(hold, Date.now())]
    .filter((each) => each !== null)
    .join('; ');
}
