import type { Hold, HoldKey } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { accessLines, jobName, untilText } from '../holds/index.ts';
import { formatTable, formatTime, paintState, timeline } from '../terminal/index.ts';

/** All that is known of a hold, be it over: what it is, how to get in, what happened when, whom it lets in. */
export async function showHold(context: Context, id: string): Promise<number> {
  const hold = await withClient(context, ({ holds }) => holds.show(id));
  if (context.options.json === true) {
    await printJson(context, hold);
    return 0;
  }
  const { out, style } = context;
  const how = { isTerminal: out.isTerminal, style };
  await out.write(`${formatTable(['what', 'value'], factsOf(hold, context), how)}\n`);
  await out.write(formatTable(['when', 'time', 'after'], timesOf(hold), how));
  if (hold.keys.length > 0) {
    const header = ['key', 'fingerprint', 'comment', 'added by', 'account', 'on the node'];
    await out.write(`\n${formatTable(header, hold.keys.map(keyRow), how)}`);
  }
  return 0;
}

function factsOf(hold: Hold, { style }: Context): string[][] {
  const { node, job, latestAt, snapshot } = hold;
  const rows: [string, string | null][] = [
    ['hold', hold.id],
    ['state', paintState(style, hold.state, null)],
    ['outcome', hold.outcome],
    ['held', hold.state === 'held' ? untilText(hold, Date.now()) : null],
    ['at most until', hold.state === 'held' && latestAt !== null ? formatTime(latestAt) : null],
    ['owner', hold.owner],
    ['reason', hold.reason],
    ['wanted by', ORIGINS[hold.origin]],
    ['job', `${jobName(hold)} of ${hold.build.pipeline}${job.result === null ? '' : `, ${job.result}`}`],
    ['node', `${node.id}, ${node.state}`],
    ['template', `${node.cloud}/${node.template}`],
    ['agent', hold.state === 'held' ? agentOf(node) : null],
    ['resumes', hold.resumes],
    ['captured as', snapshot && `${snapshot.version}, ${snapshot.state}`],
    ...accessLines(hold).map((line, index): [string, string] => [index === 0 ? 'get in' : '', line]),
  ];
  return rows.flatMap(([what, value]) => (value === null ? [] : [[what, value]]));
}

function agentOf({ connected, trouble }: Hold['node']): string {
  if (connected) return 'connected';
  return trouble === null ? 'not connected' : `not connected: ${trouble}`;
}

const ORIGINS: Readonly<Record<Hold['origin'], string>> = {
  pipeline: 'its pipeline',
  request: 'a request for this job',
  autohold: 'an autohold',
  rerun: 'a rerun with hold',
  resume: 'whoever resumed it',
};

function timesOf({ createdAt, usedAt, expiresAt, endedAt, state }: Hold): string[][] {
  return timeline([
    ['begun', createdAt],
    ['used last', usedAt],
    ['ends', state === 'held' ? expiresAt : null],
    ['ended', endedAt],
  ]);
}

function keyRow({
  id,
  fingerprint,
  comment,
  addedBy,
  login,
  placed,
  revokedAt,
  revokedBy,
}: HoldKey): string[] {
  return [id, fingerprint, comment, addedBy, login ?? placed?.user ?? '', onNode()];

  function onNode(): string {
    if (revokedAt !== null) return `revoked by ${revokedBy} at ${formatTime(revokedAt)}`;
    if (placed === null) return 'not told yet';
    return placed.problem ?? 'placed';
  }
}
