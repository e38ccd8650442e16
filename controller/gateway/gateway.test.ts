import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { cancelJob, finishJob } from '#controller/builds';
import { createJournal, type Journal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { createLabelMatcher } from '#controller/matching';
import { disconnectAll, findNode } from '#controller/store';
import { decodeControllerMessage, type ControllerMessage } from '#shared/protocol';
import { createGateway, type Gateway } from './gateway.ts';
import { leaseJob, type LeasedJob } from './test-support.ts';
import { createAgentTokens, type AgentTokens } from './tokens.ts';

const never = new AbortController().signal;

let leased: LeasedJob;
let tokens: AgentTokens;
let gateway: Gateway;
let server: Server;
/** Called when a token is looked at. */
let onVerify: () => void;

beforeEach(async () => {
  onVerify = () => undefined;
  leased = await leaseJob('jobs: { a: { runs-on: linux, steps: [{ run: work }] } }');
  const keys = { derive: () => Buffer.alloc(32, 1) };
  tokens = createAgentTokens({ keys, controllerId: 'c', bootstrapMs: 60_000 });
  const verify: AgentTokens['verify'] = (token) => {
    onVerify();
    return tokens.verify(token);
  };
  const logger = createLogger('silent');
  gateway = createGateway({
    ...leased.deps,
    tokens: { ...tokens, verify },
    logger,
    graceMs: 1,
    fleet: { template: () => undefined },
    matcher: createLabelMatcher(),
    checksOf: () => null,
    longestHoldMs: () => 60_000,
  });
  leased.journal.subscribe(gateway.observe);
  server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', gateway.upgrade);
  await once(server, 'listening');
});

afterEach(async () => {
  await gateway.close();
  server.close();
  await leased[Symbol.asyncDispose]();
});

test('an agent that says hello while the controller stops is not refused: its job goes on at the next start (L8)', async () => {
  let closed: Promise<void> | undefined;
  onVerify = () => {
    // While its node is looked up.
    closed = Promise.resolve().then(gateway.close);
  };
  const agent = await dial();
  agent.hello();
  await agent.closed;
  await closed;
  expect(agent.messages).toEqual([]);
});

test('stopping waits for no agent, be it silent or not greeted yet', async () => {
  const greeted = await dial();
  greeted.hello();
  await greeted.received('step.start');
  const silent = await dial();
  await gateway.close();
  await Promise.all([greeted.closed, silent.closed]);
});

test('what was asked of a job without this process hearing of it is found in the store', async () => {
  const agent = await dial();
  agent.hello();
  await agent.received('step.start');
  await elsewhere().commit((tx) => cancelJob(tx, leased.job, { reason: 'elsewhere', force: false }));
  await gateway.run(never);
  await agent.received('step.cancel');
  const ending = { result: 'errored' as const, reason: 'elsewhere' };
  await elsewhere().commit((tx) => finishJob(tx, leased.job.id, ending));
  await gateway.run(never);
  await agent.received('lease.end');
});

test('an agent that is connected here is not absent because another controller started (L9)', async () => {
  const agent = await dial();
  agent.hello();
  await agent.received('step.start');
  await disconnectAll(leased.store.db, 5);
  await gateway.run(never);
  expect(await findNode(leased.store.db, leased.nodeId)).toMatchObject({ disconnected_at: null });
});

/** Another controller's transaction: its events reach nobody here. */
function elsewhere(): Journal {
  return createJournal(leased.deps);
}

interface Client {
  hello(): void;
  messages: ControllerMessage[];
  received(type: ControllerMessage['type']): Promise<void>;
  closed: Promise<unknown>;
}

async function dial(): Promise<Client> {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const messages: ControllerMessage[] = [];
  socket.on('message', (data: Buffer) => messages.push(decodeControllerMessage(data)));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'open');
  return {
    hello() {
      const facts = { os: 'a', architecture: 'b', kernel: 'c', hostname: 'd', cpus: 1, memoryBytes: 1 };
      const token = tokens.session(leased.nodeId, null);
      const hello = {
        type: 'hello',
        protocol: 1,
        token,
        agentVersion: '1',
        facts: { ...facts, diskFreeBytes: 1 },
      };
      socket.send(JSON.stringify(hello));
    },
    messages,
    async received(type) {
      while (!messages.some((message) => message.type === type)) await once(socket, 'message');
    },
    closed,
  };
}
