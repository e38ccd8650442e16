import type { Node, NodeChecks } from '#controller/api';
import { adviceOf, FootmanError } from '#shared/errors';
import { formatBytes, formatDuration } from '#shared/quantity';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { heldText } from '../holds/index.ts';
import { formatTable, paintState, printable, timeline } from '../terminal/index.ts';
import { paintNodeState } from './node-state.ts';

type Facts = NonNullable<Node['facts']>;

/** All that is known of a node, be it gone: what it is, when what happened, what its checks found, what it printed. */
export async function showNode(context: Context, id: string): Promise<number> {
  const { node, checks, console, consoleError } = await withClient(context, async ({ node: nodes }) => ({
    node: await nodes.show(id),
    checks: await nodes.checks(id),
    ...(await readConsole(nodes, id)),
  }));
  if (context.options.json === true) {
    await printJson(context, { node, checks, console, consoleError });
    return 0;
  }
  await printRows(context, ['what', 'value'], factsOf(node, context));
  await printRows(context, ['when', 'time', 'after'], timesOf(node));
  if (checks !== null) {
    await printRows(context, ['check', 'result', 'took', 'message'], checksOf(checks, context));
    await printText(context, 'what the script of its checks printed', checks.output);
  }
  await printText(context, 'what it printed outside its job', console ?? '');
  await printText(context, 'what it printed outside its job can not be read now', consoleError ?? '');
  return 0;
}

/** A cloud that does not answer is no reason to keep back all the rest. */
async function readConsole(
  nodes: Client['node'],
  id: string,
): Promise<{ console: string | null; consoleError: string | null }> {
  try {
    return { console: await nodes.console(id), consoleError: null };
  } catch (error) {
    if (!(error instanceof FootmanError) || error.code !== 'cloud-unavailable') throw error;
    return { console: null, consoleError: adviceOf(error) };
  }
}

function factsOf(node: Node, { style }: Context): string[][] {
  const { facts } = node;
  const rows: [string, string | null][] = [
    ['node', node.id],
    ['state', paintNodeState(style, node)],
    ['reason', node.hold === null ? node.reason : heldText(node.hold, Date.now())],
    ['job', node.job],
    ['removal', removalOf(node)],
    ['cordoned', node.cordoned],
    ['template', `${node.cloud}/${node.template}`],
    ['labels', node.labels.join(' ')],
    ['resource', node.resource],
    ['image', node.image],
    [
      'version',
      node.version && `${node.version.name}, number ${node.version.number} of ${node.version.stream}`,
    ],
    ['host', node.host],
    ['agent', node.connected ? 'connected' : 'not connected'],
    ['system', facts && `${facts.os}, Linux ${facts.kernel} ${facts.architecture}, called ${facts.hostname}`],
    ['size', facts && `${facts.cpus} CPUs, ${formatBytes(facts.memoryBytes)} of memory`],
    ['disk', facts && diskOf(facts)],
    ['runs in', facts && placeOf(facts)],
  ];
  // Some of it is a node's own words.
  return rows.flatMap(([what, value]) => (value === null ? [] : [[what, wordsOf(value)]]));
}

function diskOf({ diskBytes, diskFreeBytes }: Facts): string {
  const free = `${formatBytes(diskFreeBytes)} free`;
  return diskBytes === 0 ? free : `${free} of ${formatBytes(diskBytes)}`;
}

function placeOf({ virtualization }: Facts): string | null {
  return virtualization === 'none' ? 'a machine of its own' : virtualization;
}

function removalOf({ state, removalFailures: failures }: Node): string | null {
  if (state !== 'deleting' || failures === 0) return null;
  return `failed ${failures === 1 ? 'once' : `${failures} times`}; it is tried again`;
}

function timesOf(node: Node): string[][] {
  return timeline([
    ['requested', node.requestedAt],
    ['planned', node.createdAt],
    ['launched', node.launchedAt],
    ['connected', node.connectedAt],
    ['ready', node.readyAt],
    ['checked', node.checkedAt],
    ['leased', node.leasedAt],
    ['stopped', node.stoppedAt],
    ['deleted', node.deletedAt],
  ]);
}

function checksOf({ results }: NodeChecks, { style }: Context): string[][] {
  return results.map(({ name, ok, ms, message }) => [
    wordsOf(name),
    paintState(style, ok ? 'success' : 'failure', null),
    ms === null ? '' : formatDuration(ms),
    wordsOf(message ?? ''),
  ]);
}

async function printRows({ out, style }: Context, header: string[], rows: string[][]): Promise<void> {
  if (rows.length > 0)
    await out.write(`${formatTable(header, rows, { isTerminal: out.isTerminal, style })}\n`);
}

async function printText({ out, style }: Context, title: string, text: string): Promise<void> {
  if (text === '') return;
  const shown = out.isTerminal ? wordsOf(text) : text;
  await out.write(`${style.paint('dim', `${title}:`)}\n${shown}${shown.endsWith('\n') ? '' : '\n'}\n`);
}

/** `printable` reads UTF-8 as Latin-1, as logs come. */
function wordsOf(text: string): string {
  return Buffer.from(printable(Buffer.from(text).toString('latin1')), 'latin1').toString();
}
