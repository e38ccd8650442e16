import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { finishJob } from '#controller/builds';
import type { Tx } from '#controller/events';
import { addHoldKey, endHold, recordHold, revokeHoldKey, type Caller } from '#controller/holds';
import { createLogger } from '#controller/logger';
import { createLabelMatcher } from '#controller/matching';
import { holdOfNode, keysOfHold, patchHold, patchJob, type Hold, type HoldKey } from '#controller/store';
import { createGateway, type Gateway } from '../gateway.ts';
import { leaseJob, type LeasedJob } from '../test-support.ts';
import { createAgentTokens, type AgentTokens } from '../tokens.ts';
import { dialIn, type Client } from './test-client.ts';

/** A gateway with one job on its node, whose agent the test is, and what people do about its hold. */
export interface HeldFixture extends AsyncDisposable {
  readonly leased: LeasedJob;
  readonly tokens: AgentTokens;
  /** The one of the moment. */
  gateway(): Gateway;
  /** Starts a gateway on the same rows; `deafen` ends the one before. */
  listen(): Promise<void>;
  deafen(): Promise<void>;
  dial(): Promise<Client>;
  /** An agent that was welcomed. */
  arrive(): Promise<Client>;
  /** An agent whose node is held, and that was told so. */
  begin(): Promise<Client>;
  wish(): Promise<void>;
  /** Ends the job as somebody else does. */
  finish(tx: Tx): Promise<void>;
  hold(): Promise<Hold>;
  /** As the keeper of holds does. */
  admitHold(): Promise<void>;
  extend(ms: number): Promise<void>;
  release(): Promise<void>;
  addOne(): Promise<HoldKey>;
  revoke(key: HoldKey): Promise<void>;
  keys(): Promise<HoldKey[]>;
  /** Resolves when a key of the hold fits, looked at after each change. */
  changed(fits: (key: HoldKey) => boolean): Promise<void>;
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test';
const ALICE: Caller = { actor: 'alice', isAdmin: false };

export async function createHeldFixture(): Promise<HeldFixture> {
  const leased = await leaseJob('jobs: { a: { runs-on: linux, steps: [{ name: work, run: "work hard" }] } }');
  const keyring = { derive: () => Buffer.alloc(32, 1) };
  const tokens = createAgentTokens({ keys: keyring, controllerId: 'c', bootstrapMs: 60_000 });
  const agents: Client[] = [];
  let gateway: Gateway;
  let server: Server;
  let unsubscribe: () => void;
  await listen();

  return {
    leased,
    tokens,
    gateway: () => gateway,
    listen,
    deafen,
    dial,
    arrive,
    begin,
    wish,
    finish,
    hold,
    admitHold,
    extend,
    release,
    addOne,
    revoke,
    keys,
    changed,
    async [Symbol.asyncDispose]() {
      for (const agent of agents) agent.leave();
      await deafen();
      await leased[Symbol.asyncDispose]();
    },
  };

  async function listen(): Promise<void> {
    gateway = createGateway({
      ...leased.deps,
      tokens,
      logger: createLogger('silent'),
      graceMs: 1,
      fleet: { template: () => undefined },
      matcher: createLabelMatcher(),
      checksOf: () => null,
      longestHoldMs: () => 60_000,
    });
    unsubscribe = leased.journal.subscribe(gateway.observe);
    server = createServer().listen(0, '127.0.0.1');
    server.on('upgrade', gateway.upgrade);
    await once(server, 'listening');
  }

  async function deafen(): Promise<void> {
    unsubscribe();
    await gateway.close();
    server.close();
  }

  async function dial(): Promise<Client> {
    const agent = await dialIn(server);
    agents.push(agent);
    return agent;
  }

  async function arrive(): Promise<Client> {
    const agent = await dial();
    agent.hello(tokens.session(leased.nodeId, null));
    await agent.next('welcome');
    return agent;
  }

  async function begin(): Promise<Client> {
    const agent = await arrive();
    await agent.next('step.start');
    await wish();
    await leased.journal.commit(finish);
    await agent.next('hold.begin');
    await agent.next('hold.keys');
    return agent;
  }

  async function wish(): Promise<void> {
    const hold = {
      on: 'end',
      origin: 'request',
      owner: 'alice',
      reason: 'to look',
      forMs: null,
      keys: [],
    } as const;
    await leased.journal.commit((tx) =>
      patchJob(tx.db, leased.job.id, ['leased', 'running'], { hold: { ...hold, keys: [] } }),
    );
  }

  async function finish(tx: Tx): Promise<void> {
    await finishJob(tx, leased.job.id, { result: 'errored', reason: 'elsewhere' });
  }

  async function hold(): Promise<Hold> {
    const found = await holdOfNode(leased.store.db, leased.nodeId);
    if (found === undefined) throw new Error('the node is not held');
    return found;
  }

  function admitHold(): Promise<void> {
    return patch({ admitted: 1, expires_at: leased.deps.clock.now() + 5_000 });
  }

  async function extend(ms: number): Promise<void> {
    await patch({ expires_at: ((await hold()).expires_at ?? 0) + ms });
  }

  async function patch(change: Parameters<typeof patchHold>[2]): Promise<void> {
    const { id } = await hold();
    await leased.journal.commit(async (tx) => {
      const patched = await patchHold(tx.db, id, change);
      if (patched !== undefined) await recordHold(tx, patched);
    });
  }

  async function release(): Promise<void> {
    const { id } = await hold();
    await leased.journal.commit((tx) =>
      endHold(tx, id, { state: 'released', outcome: 'was given back', actor: 'alice' }),
    );
  }

  async function addOne(): Promise<HoldKey> {
    const [key] = await addHoldKey(leased.journal, (await hold()).id, { key: KEY, login: null }, ALICE);
    if (key === undefined) throw new Error('the key was not added');
    return key;
  }

  async function revoke({ id }: HoldKey): Promise<void> {
    await revokeHoldKey(leased.journal, (await hold()).id, id, ALICE);
  }

  async function keys(): Promise<HoldKey[]> {
    return keysOfHold(leased.store.db, (await hold()).id);
  }

  async function changed(fits: (key: HoldKey) => boolean): Promise<void> {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const callOff = leased.journal.subscribe(() => resolve());
      try {
        if ((await keys()).some(fits)) return;
        await promise;
      } finally {
        callOff();
      }
    }
  }
}
