import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_PATH, createAgentTokens } from '#controller/gateway';
import { loadKeys } from '#controller/keys';
import { getMeta, openStore } from '#controller/store';
import type { BenchController } from '../controller/controller.ts';
import type { Bench, Result, Row } from '../row.ts';
import { startBareServer, startIdleAgents } from '../sockets/child.ts';
import { settledRss } from '../system/settled.ts';

const AGENTS = 5_000;
/** Files that a process has open beside its sockets. */
const OTHER_FILES = 200;
const HOUR_MS = 3_600_000;
const KIB = 1024;
const NAME = `each of ${AGENTS.toLocaleString('en')} idle agents' sockets`;

export const idleAgents = {
  number: 7,
  title: 'Idle agents',
  explanation: `${AGENTS.toLocaleString('en')} nodes of a cloud whose machines are not there; their agents are played by one process that dials in for each with
a good token, says \`hello\`, and stays. What the controller's memory grows by, once it has settled, from before the first to after the last,
divided by their number. The floor is a bare \`ws\` server with as many clients.`,
  measure,
} satisfies Row;

async function measure(bench: Bench): Promise<Result[]> {
  const limit = openFilesLimit();
  if (limit < AGENTS + OTHER_FILES)
    return [{ name: NAME, skipped: `a process may open ${limit} files only` }];
  const floor = await perBareSocket();
  const subject = await perAgent(bench);
  return [
    {
      name: NAME,
      unit: 'KiB',
      subject: [subject],
      floor: { what: 'bare `ws` server', samples: [floor] },
      target: { kind: 'below', value: 40 },
    },
  ];
}

async function perAgent({ folder, startController }: Bench): Promise<number> {
  const world = join(folder, 'world');
  const template = `{ labels: host, min-ready: ${AGENTS} }`;
  const clouds = `{ fake: { kind: fake, world: '${world}', agents: false, templates: { host: ${template} } } }`;
  const home = join(folder, 'idle-agents');
  {
    await using maker = await startController(clouds, { folder: home });
    await allMade(maker);
  }
  // One that has made no nodes: what that leaves in a process's memory would hide what sockets take.
  await using controller = await startController(clouds, { folder: home });
  await allMade(controller);
  const tokens = await mintTokens(controller);
  const before = await settledRss(controller.pid);
  await using agents = startIdleAgents();
  agents.send({ url: `${controller.url.replace('http', 'ws')}${AGENT_PATH}`, tokens });
  await agents.told();
  await controller.ready(AGENTS);
  return ((await settledRss(controller.pid)) - before) / AGENTS / KIB;
}

function allMade({ feed }: BenchController): Promise<void> {
  return feed.until(() => count(feed.nodes, 'connecting') === AGENTS, `${AGENTS} nodes`);
}

/** The cloud handed its tokens to nobody; with the controller's own key there are others that are as good. */
async function mintTokens({ data, feed }: BenchController): Promise<string[]> {
  const store = await openStore({ kind: 'sqlite', file: join(data, 'footman.db') });
  const controllerId = (await getMeta(store.db, 'controller-id')) ?? '';
  await store.close();
  const keys = await loadKeys(join(data, 'signing.key'));
  const { bootstrap } = createAgentTokens({ keys, controllerId, bootstrapMs: HOUR_MS });
  return feed.nodes.keys().map(bootstrap).toArray();
}

async function perBareSocket(): Promise<number> {
  await using server = startBareServer();
  const { port } = await server.told();
  const before = await settledRss(server.pid);
  await using agents = startIdleAgents();
  agents.send({ url: `ws://127.0.0.1:${port}/`, tokens: Array.from({ length: AGENTS }, () => 'token') });
  await agents.told();
  return ((await settledRss(server.pid)) - before) / AGENTS / KIB;
}

function count(nodes: ReadonlyMap<string, string>, state: string): number {
  return nodes
    .values()
    .filter((one) => one === state)
    .reduce((sum) => sum + 1, 0);
}

/** The hard limit: Node.js raises its soft one to that by itself. */
function openFilesLimit(): number {
  const [, hard = '0'] =
    /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}
