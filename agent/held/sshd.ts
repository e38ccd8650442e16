import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { MAX_ADDRESSES } from '#shared/protocol';
import { readSshdConfig } from './sshd-config.ts';
import { listeningSockets, socketsOf, pidsOf, type ListeningSocket } from './sshd-sockets.ts';

/** Where the node's own sshd listens. */
export interface Sshd {
  port: number;
  /** The node's own, those excepted that nobody else reaches. */
  addresses: string[];
}

/** One on a machine that is hard at work takes its time, and without it the keys would go. */
const ANSWER_MS = 15_000;

/**
 * Null where none listens, or where it listens for the node alone. A container that shares the network of its host sees the sshd of that, whose
 * accounts are not its own: so there must be a process that can be it.
 */
export async function findSshd(): Promise<Sshd | null> {
  const listening = listeningSockets().filter((socket) => addressesOf(socket).length > 0);
  const found = ownedBySshd(listening) ?? (await firstThatAnswers(listening));
  return found === undefined ? null : { port: found.port, addresses: addressesOf(found) };
}

/** Only root sees the sockets of other accounts. */
function ownedBySshd(listening: readonly ListeningSocket[]): ListeningSocket | undefined {
  const owned = new Set(pidsOf('sshd').flatMap(socketsOf));
  return listening.find(({ inode }) => owned.has(inode));
}

/** systemd may listen in its place, and start it with the first connection. */
async function firstThatAnswers(listening: readonly ListeningSocket[]): Promise<ListeningSocket | undefined> {
  if (pidsOf('sshd').length === 0 && pidsOf('systemd').length === 0) return undefined;
  const ports = new Set(readSshdConfig().ports);
  for (const socket of listening.filter(({ port }) => ports.has(port))) {
    if (await isAnswering(socket)) return socket;
  }
  return undefined;
}

function isAnswering({ port, address }: ListeningSocket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : address;
  const socket = connect({ host, port, signal: AbortSignal.timeout(ANSWER_MS) });
  socket.once('data', (bytes) => resolve(bytes.toString('latin1').startsWith('SSH-2.0-OpenSSH')));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Those of the socket's own that others may reach. */
function addressesOf({ address }: ListeningSocket): string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => !each.internal && !/^(?:169\.254\.|fe80:)/i.test(each.address));
  const own = all.filter((each) => {
    if (address === '::') return true;
    return address === '0.0.0.0' ? each.family === 'IPv4' : each.address === address;
  });
  return own.map((each) => each.address).slice(0, MAX_ADDRESSES);
}
