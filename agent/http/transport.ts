import type { Agent } from 'node:http';
import { resolveUrl, type Endpoint, type Target } from './endpoint.ts';
import type { Outcome } from './outcome.ts';
import { createPatience, type Patience } from './patience.ts';
import { makeRequest, Unreached, type Timeouts, type Transfer } from './request.ts';

/** Makes presigned requests, over connections that are kept for the next ones. Any number of calls at a time. */
export interface Transport {
  /**
   * Makes the request once. A storage that could not be reached is asked through the controller from then on, where that is offered.
   *
   * @throws what went wrong on the way; a server's refusal is an outcome
   */
  attempt(transfer: Transfer, signal: AbortSignal): Promise<Outcome>;
  /** For transfers that belong together. */
  patience(): Patience;
}

interface Deps {
  endpoint: Endpoint;
  timeouts?: Timeouts;
}

/** A controller that is started anew, or a storage that fails over, takes seconds to a minute. */
const TIMEOUTS: Timeouts = { connectMs: 15_000, idleMs: 60_000, patienceMs: 90_000 };

export function createTransport({ endpoint, timeouts = TIMEOUTS }: Deps): Transport {
  /** Hosts of storages that can't be reached from here. */
  const unreached = new Set<string>();
  const agents = new Map<boolean, Promise<Agent>>();

  return {
    patience: () => createPatience(timeouts.patienceMs),
    async attempt(transfer, signal) {
      const { url, relay } = transfer.request;
      const target = resolveUrl(endpoint, url);
      if (relay === undefined) return make(target, transfer, signal);
      if (unreached.has(target.host)) return make(resolveUrl(endpoint, relay), transfer, signal);
      try {
        return await make(target, transfer, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Unreached)) throw error;
        unreached.add(target.host);
        return make(resolveUrl(endpoint, relay), transfer, signal);
      }
    },
  };

  async function make(target: Target, transfer: Transfer, signal: AbortSignal): Promise<Outcome> {
    const agent = agents.get(target.secure) ?? createAgent(target.secure);
    agents.set(target.secure, agent);
    return makeRequest(target, transfer, { agent: await agent, timeouts }, signal);
  }
}

async function createAgent(secure: boolean): Promise<Agent> {
  const { Agent: KeptConnections } = await (secure ? import('node:https') : import('node:http'));
  return new KeptConnections({ keepAlive: true });
}
