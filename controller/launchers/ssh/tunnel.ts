import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { z } from 'zod';
import { FootmanError, messageOf } from '#shared/errors';
import type { Logger } from '#controller/logger';
import { parseAnswer } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { titleOf } from './place.ts';
import { REOPEN_TUNNEL } from './scripts/index.ts';
import { outputOf } from './shell.ts';

/** The way of one node's agent to the controller: a Unix socket on the machine that comes out at the controller's. */
export interface Tunnel {
  /** The login that it goes through; undefined while there is none. */
  connection(): Connection | undefined;
  /** For good. */
  close(): void;
}

export interface TunnelEnds {
  machine: Machine;
  controllerId: string;
  nodeId: string;
  /** The controller's socket. */
  socket: string;
}

interface Deps extends TunnelEnds {
  logger: Logger;
  /** Logs in, and tries again until the signal aborts. */
  logIn(signal: AbortSignal): Promise<Connection>;
}

/** An agent has one connection for its session and some for its files. */
const MOST_CALLS = 32;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const Place = z.object({ place: z.string().startsWith('/') });

/**
 * Keeps the tunnel until it is closed: a connection that is lost is made again.
 *
 * @param first one that listens already
 */
export function keepTunnel(deps: Deps, first?: Connection): Tunnel {
  const end = new AbortController();
  let current = first;
  void keep();
  return {
    connection: () => (current?.isOpen === true ? current : undefined),
    close() {
      end.abort();
      current?.end();
    },
  };

  async function keep(): Promise<void> {
    const { logger, nodeId } = deps;
    for (let tries = 0; !end.signal.aborted; tries++) {
      try {
        if (current === undefined) {
          current = await reopen();
          // Closed while it was opened.
          if (end.signal.aborted) return current.end();
          logger.info({ node: nodeId, machine: deps.machine.name }, 'the tunnel stands');
        }
        tries = 0;
        const { message } = await current.lost;
        if (!end.signal.aborted) logger.warn({ node: nodeId, reason: message }, 'a tunnel is lost');
      } catch (error) {
        if (!end.signal.aborted)
          logger.warn({ node: nodeId, reason: messageOf(error) }, 'a tunnel cannot be opened');
      }
      current = undefined;
      await setTimeout(pauseAfter(tries), undefined, { signal: end.signal }).catch(() => undefined);
    }
  }

  async function reopen(): Promise<Connection> {
    const connection = await deps.logIn(end.signal);
    try {
      await openTunnel(connection, deps, end.signal);
      return connection;
    } catch (error) {
      connection.end();
      throw error;
    }
  }
}

/** Opens the tunnel of a node that has its folder, through this connection. */
export async function openTunnel(
  connection: Connection,
  ends: TunnelEnds,
  signal: AbortSignal,
): Promise<void> {
  const title = titleOf(ends.machine);
  const script = { text: REOPEN_TUNNEL, args: [ends.controllerId, ends.nodeId] };
  const output = await outputOf(connection, script, `${title} has no tunnel for ${ends.nodeId}`, signal);
  await listenAt(connection, parseAnswer(output, Place, title).place, ends);
}

/** @throws FootmanError `cloud-refused` where sshd does not allow it */
export async function listenAt(connection: Connection, place: string, ends: TunnelEnds): Promise<void> {
  let calls = 0;
  await connection
    .listen(place, (accept, reject) => {
      if (calls >= MOST_CALLS) return reject();
      calls++;
      join(accept(), ends.socket, () => calls--);
    })
    .catch((cause: unknown) => {
      if (cause instanceof FootmanError) throw cause;
      const sentence = `the sshd of ${titleOf(ends.machine)} does not let agents through to the controller: ${messageOf(cause)}`;
      throw new FootmanError('cloud-refused', sentence, {
        hint: 'allow AllowStreamLocalForwarding there, or let agents dial the public URL',
        cause,
      });
    });
}

/** Both directions, each as fast as its reader; when one end goes, the other gets what is under way and goes too. */
function join(channel: ClientChannel, path: string, done: () => void): void {
  const socket = connect(path);
  channel.pipe(socket);
  socket.pipe(channel);
  channel.on('error', () => socket.destroy());
  channel.once('close', () => {
    socket.destroySoon();
    done();
  });
  socket.on('error', () => channel.close());
  socket.once('close', () => {
    // What nobody reads does not end: the channel would stay open, and count, for ever.
    channel.resume();
    channel.once('finish', () => channel.close());
    if (channel.writableFinished) channel.close();
  });
}

/** Half of it by chance, so that many don't come back together. */
function pauseAfter(tries: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
  return (pause * (1 + Math.random())) / 2;
}
