import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import { recordHold } from '#controller/holds';
import type { Logger } from '#controller/logger';
import { findNode, holdOfNode, keysOfHold, patchHoldKey, type Hold, type Store } from '#controller/store';
import { abortable } from '#shared/abortable';
import { FootmanError } from '#shared/errors';
import type { AgentMessageOf, ChannelFrame } from '#shared/protocol';
import type { Connection } from '../connection.ts';
import type { ConnectedAgent } from '../connected-agent.ts';
import type { HeldNodes } from '../node-channel.ts';
import { createHeldAgent, type HeldAgent, type HeldMessage } from './held-agent.ts';
import { createHoldOrders, type HoldOrderDeps } from './hold-orders.ts';
import { plainText } from '../plain-text.ts';

/** The agents of held nodes: what each is told of its hold, and what people do over their connections. */
export interface HeldAgents extends HeldNodes {
  /** Sees to it that the node's agent, if it is connected here and its node is held, knows how the hold is now. */
  tell(nodeId: string): Promise<void>;
  /** The grace for the agent of a node that is held; undefined where it is not. */
  graceMs(nodeId: string): Promise<number | undefined>;
  /** @throws FootmanError `protocol-violation`, also from an agent whose node is not held */
  message(nodeId: string, connection: Connection, message: HeldMessage): void;
  /** As `message`. */
  frame(nodeId: string, connection: Connection, frame: ChannelFrame): void;
  /** The node goes: nobody may do anything on it any more. */
  end(nodeId: string): void;
  /** The connection is gone. */
  detach(nodeId: string, connection: Connection): void;
  /** Resolves when nothing is being read for agents, or written down of what they said. */
  settled(): Promise<void>;
}

export type HeldAgentsDeps = HoldOrderDeps & {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  agentOf(nodeId: string): ConnectedAgent | undefined;
};

/** For an agent that is connected to be told that its node is held. */
const ARRIVAL_MS = 5_000;

export function createHeldAgents(deps: HeldAgentsDeps): HeldAgents {
  const { store, journal, clock, logger, agentOf } = deps;
  const agents = new Map<string, HeldAgent>();
  const telling = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const arrivals = new Map<string, PromiseWithResolvers<void>>();
  const writing = new Set<Promise<void>>();
  const orders = createHoldOrders(deps);

  return {
    tell,
    async graceMs(nodeId) {
      const held = await liveHold(nodeId);
      return held && orders.graceMs(held.hold);
    },
    message(nodeId, connection, message) {
      of(nodeId, connection).message(message);
    },
    frame(nodeId, connection, frame) {
      of(nodeId, connection).frame(frame);
    },
    // It stays, to hear what was on its way.
    end(nodeId) {
      arrivals.delete(nodeId);
      agents.get(nodeId)?.end();
    },
    detach(nodeId, connection) {
      const agent = agents.get(nodeId);
      if (agent?.connection !== connection) return;
      agents.delete(nodeId);
      agent.end();
    },
    isConnected: (nodeId) => agentOf(nodeId) !== undefined,
    facts: (nodeId) => current(nodeId)?.facts() ?? null,
    async open(nodeId, use, signal) {
      const agent = await reach(nodeId, signal);
      if ((await liveHold(nodeId))?.isBeingCaptured === true)
        throw new FootmanError('conflict', 'the node is being captured');
      return agent.open(use, signal);
    },
    async pack(nodeId, signal) {
      // What was read of the hold before may still be on its way to the agent: keys, say.
      await Promise.allSettled([telling.get(nodeId)]);
      await (await reach(nodeId, signal)).pack(signal);
    },
    async settled() {
      await Promise.allSettled([...telling.values(), ...writing]);
    },
  };

  /** One after another: what was read first is said first. */
  function tell(nodeId: string): Promise<void> {
    const under = telling.get(nodeId);
    if (under !== undefined) {
      again.add(nodeId);
      return under;
    }
    const done = tellAll(nodeId);
    telling.set(nodeId, done);
    return done;
  }

  async function tellAll(nodeId: string): Promise<void> {
    try {
      do {
        again.delete(nodeId);
        await tellOnce(nodeId);
      } while (again.has(nodeId));
    } finally {
      telling.delete(nodeId);
    }
  }

  async function tellOnce(nodeId: string): Promise<void> {
    const { hold } = (await liveHold(nodeId)) ?? {};
    if (hold === undefined) return;
    const [begin, keys] = [await orders.begin(hold), await orders.keys(hold)];
    const connected = agentOf(nodeId);
    const still = await liveHold(nodeId);
    // Another one that has come meanwhile is told when it was welcomed, and it may be over by now.
    if (connected?.welcomed !== true || still === undefined) return;
    const agent = agentFor(connected.connection, hold);
    // It would put the keys back, into the image.
    if (!still.isBeingCaptured) agent.tell(begin, keys);
  }

  function agentFor(connection: Connection, { id, node_id: nodeId }: Hold): HeldAgent {
    const known = agents.get(nodeId);
    if (known?.connection === connection) return known;
    known?.end();
    const agent = createHeldAgent({
      clock,
      connection,
      hold: id,
      begun: ({ problem }) => {
        if (problem !== undefined)
          logger.info({ node: nodeId, hold: id, problem: plainText(problem) }, 'a held node lacks something');
      },
      placed: (message) => follow(notePlaces(nodeId, message)),
    });
    agents.set(nodeId, agent);
    arrivals.get(nodeId)?.resolve();
    arrivals.delete(nodeId);
    return agent;
  }

  async function liveHold(nodeId: string): Promise<{ hold: Hold; isBeingCaptured: boolean } | undefined> {
    const node = await findNode(store.db, nodeId);
    const hold = node?.state === 'held' ? await holdOfNode(store.db, nodeId) : undefined;
    if (hold?.state !== 'held') return undefined;
    return { hold, isBeingCaptured: typeof node?.capture_id === 'string' };
  }

  function of(nodeId: string, connection: Connection): HeldAgent {
    const agent = agents.get(nodeId);
    if (agent?.connection === connection) return agent;
    throw new FootmanError('protocol-violation', 'the node is not held');
  }

  function current(nodeId: string): HeldAgent | undefined {
    const agent = agents.get(nodeId);
    return agent !== undefined && agent.connection === agentOf(nodeId)?.connection ? agent : undefined;
  }

  /** One that has just come, or whose node is held since a moment, is told so first. */
  async function reach(nodeId: string, signal: AbortSignal): Promise<HeldAgent> {
    if (current(nodeId) === undefined && agentOf(nodeId) !== undefined) await arrival(nodeId, signal);
    return current(nodeId) ?? away();
  }

  async function arrival(nodeId: string, signal: AbortSignal): Promise<void> {
    const arriving = arrivals.get(nodeId) ?? Promise.withResolvers<void>();
    arrivals.set(nodeId, arriving);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const callOff = clock.after(ARRIVAL_MS, resolve);
    try {
      await abortable(Promise.race([arriving.promise, late]), signal);
    } finally {
      callOff();
    }
  }

  function follow(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) =>
        logger.error({ err: error }, 'what became of keys could not be written down'),
      )
      .finally(() => writing.delete(done));
    writing.add(done);
  }

  async function notePlaces(nodeId: string, { keys }: AgentMessageOf<'hold.keys.placed'>): Promise<void> {
    await journal.commit(async (tx) => {
      const hold = await holdOfNode(tx.db, nodeId);
      if (hold?.state !== 'held') return;
      const known = new Map((await keysOfHold(tx.db, hold.id)).map((key) => [key.id, key]));
      let isNews = false;
      for (const { id, user, problem } of keys) {
        const before = known.get(id)?.placed;
        const placed = { user: plainOrNull(user), problem: plainOrNull(problem) };
        if (before?.user === placed.user && before.problem === placed.problem) continue;
        // Of this hold's keys alone (I9).
        isNews = (await patchHoldKey(tx.db, { id, holdId: hold.id }, { placed })) !== undefined || isNews;
      }
      if (isNews) await recordHold(tx, hold, { keys: true });
    });
  }
}

function plainOrNull(text: string | null): string | null {
  return text === null ? null : plainText(text);
}

function away(): never {
  throw new FootmanError('node-unreachable', "the node's agent is not connected", {
    hint: 'it comes back by itself when its machine runs and reaches the controller',
  });
}
