import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';

export interface RemoveNodeOptions {
  force?: boolean;
  reason?: string;
}

/** Gives a node to the reaper, which removes it as soon as its cloud lets it. */
export async function removeNode(
  context: Context,
  id: string,
  { force = false, reason }: RemoveNodeOptions,
): Promise<number> {
  const node = await withClient(context, ({ operations }) =>
    operations.deleteNode(id, { force, reason: reason ?? null }),
  );
  const what = node.state === 'deleted' ? 'is gone' : 'is being removed';
  if (context.options.json === true) await printJson(context, node);
  else await context.out.write(`node ${node.id} ${what}${node.reason === null ? '' : `: ${node.reason}`}\n`);
  return 0;
}
