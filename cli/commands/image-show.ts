import type { ImageVersion } from '#controller/api';
import { formatBytes } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatTable, paintState, timeline } from '../terminal/index.ts';
import { makerOf, roleOf } from './image-ls.ts';

/** All that is known of a version, be it gone: what it is, where it came from, who uses it, what happened when. */
export async function showVersion(context: Context, name: string): Promise<number> {
  const version = await withClient(context, ({ images }) => images.show(name));
  const { out, style, options } = context;
  if (options.json === true) {
    await printJson(context, version);
    return 0;
  }
  const how = { isTerminal: out.isTerminal, style };
  await out.write(`${formatTable(['what', 'value'], factsOf(version, context), how)}\n`);
  await out.write(formatTable(['when', 'time', 'after'], timesOf(version), how));
  return 0;
}

function factsOf(version: ImageVersion, { style }: Context): string[][] {
  const { name, stream, cloud, number, removalFailures: failures } = version;
  const role = roleOf(version);
  const rows: [string, string | null][] = [
    ['version', name],
    ['id', version.id],
    ['state', paintState(style, version.state, null) + (role === '' ? '' : `, ${role}`)],
    ['reason', version.reason],
    ['stream', `${stream} in ${cloud}, number ${number}`],
    ['template', `${cloud}/${version.template}`],
    ['image', version.image],
    ['size', version.bytes === null ? null : formatBytes(version.bytes)],
    ['digest', version.digest],
    ['made from', version.parent],
    ['made by', makerOf(version)],
    ['commit', version.commit],
    ['verified by', version.verifyJob],
    ['promotion', promotionOf(version)],
    ['nodes', nodesOf(version)],
    ['removal', failures === 0 ? null : `failed ${failures === 1 ? 'once' : `${failures} times`}`],
  ];
  return rows.flatMap(([what, value]) => (value === null ? [] : [[what, value]]));
}

function promotionOf({ promotion }: ImageVersion): string {
  if (promotion.how === 'when-all')
    return `when ${promotion.clouds.join(' and ')} have a good version of the same build`;
  return promotion.how === 'auto' ? 'by itself' : 'by hand';
}

function nodesOf({ nodes }: ImageVersion): string | null {
  return nodes.length === 0 ? null : nodes.map(({ id, state }) => `${id} (${state})`).join(', ');
}

function timesOf(version: ImageVersion): string[][] {
  return timeline([
    ['begun', version.createdAt],
    ['captured', version.capturedAt],
    ['ready', version.readyAt],
    ['removed', version.deletedAt],
  ]);
}
