import type { Drain, Event } from '#controller/api';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import type { CordonOptions } from './cordon.ts';

export interface DrainOptions extends CordonOptions {
  wait?: boolean;
}

/** Cordons the target and sends its nodes away; with `--wait` it ends when none is left. */
export async function drain(
  context: Context,
  target: string,
  { reason, wait = false }: DrainOptions,
): Promise<number> {
  const { options, out } = context;
  const drained = await withClient(context, async (client) => {
    const first = await client.operations.drain(target, reason ?? null);
    if (options.json !== true) await out.write(`${target}: ${describe(first)}\n`);
    return wait && first.left.length > 0 ? untilNoneIsLeft(context, client, target, first) : first;
  });
  if (options.json === true) await printJson(context, drained);
  return 0;
}

/** Asks again at each event that may matter: it also sends away what was being launched when the cordon came. */
async function untilNoneIsLeft(
  { options, out }: Context,
  client: Client,
  target: string,
  first: Drain,
): Promise<Drain> {
  const done = new AbortController();
  let told = describe(first);
  try {
    for await (const event of client.events(done.signal)) {
      if (event !== null && !concerns(event, target)) continue;
      const now = await client.operations.drain(target, null).catch((error: unknown) => {
        if (isGone(error)) return { cordon: null, retired: 0, left: [] };
        throw error;
      });
      if (options.json !== true && describe(now) !== told) await out.write(`${target}: ${describe(now)}\n`);
      told = describe(now);
      if (now.left.length === 0) return now;
    }
    throw new Error('the events ended');
  } finally {
    done.abort();
  }
}

function concerns({ kind, nodeId, data }: Event, target: string): boolean {
  if (kind !== 'node') return false;
  const { cloud, template } = data;
  return target === nodeId || target === cloud || target === `${String(cloud)}/${String(template)}`;
}

/** A node that is gone is known to nobody as a target, and neither is a cloud that is not configured any more. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-found';
}

function describe({ left }: Drain): string {
  if (left.length === 0) return 'drained';
  const busy = left.filter(({ state }) => state === 'leased').length;
  const held = left.filter(({ state }) => state === 'held').length;
  const going = left.length - busy - held;
  const parts = [
    ...(busy > 0 ? [`${busy} with a job`] : []),
    ...(held > 0 ? [`${held} held`] : []),
    ...(going > 0 ? [`${going} being removed`] : []),
  ];
  return `${left.length} ${left.length === 1 ? 'node' : 'nodes'} left: ${parts.join(', ')}`;
}
