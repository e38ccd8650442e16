import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { logIn } from './log-in.ts';

/** How to get at machines: each waits for the login until the signal aborts. */
export interface Logins {
  open(machine: Machine, signal: AbortSignal): Promise<Connection>;
  /** For this work only. */
  once<T>(machine: Machine, signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Through the node's own connection, where it has one. The work may be done twice: that connection may have been dead already. */
  ofNode<T>(
    machine: Machine,
    nodeId: string,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T>;
}

interface Deps {
  keepAliveMs: number;
  /** The connection that is kept for the node. */
  kept(nodeId: string): Connection | undefined;
}

export function createLogins({ keepAliveMs, kept }: Deps): Logins {
  return { open, once, ofNode };

  function open(machine: Machine, signal: AbortSignal): Promise<Connection> {
    return logIn(machine, keepAliveMs, signal);
  }

  async function once<T>(
    machine: Machine,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const connection = await open(machine, signal);
    try {
      return await work(connection);
    } finally {
      connection.end();
    }
  }

  async function ofNode<T>(
    machine: Machine,
    nodeId: string,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const own = kept(nodeId);
    if (own === undefined) return once(machine, signal, work);
    try {
      return await work(own);
    } catch (error) {
      if (own.isOpen || signal.aborted) throw error;
      return once(machine, signal, work);
    }
  }
}
