import type { Machine } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import type { NodeRecord } from './node-record.ts';

const SSH_PORT = 22;

/** How to log in to the node's machine, whose key is known: we made it. */
export function wayTo(record: NodeRecord, isBooting: boolean): Machine {
  const { node, user, loginKey, hostKey } = record;
  const { privateKey } = loginKey;
  const keys = [withoutComment(hostKey.publicKey)];
  return { name: node, ...placeOf(record), user, privateKey, hostKeys: { mode: 'pinned', keys }, isBooting };
}

function placeOf({ node, network, address }: NodeRecord): { host: string; port: number } {
  if (network.mode === 'bridge') return { host: address.address.replace(/\/.*/, ''), port: SSH_PORT };
  if (network.port !== null) return { host: '127.0.0.1', port: network.port };
  throw new FootmanError('cloud-unavailable', `the machine of ${node} was never started`);
}

function withoutComment(publicKey: string): string {
  return publicKey.split(' ', 2).join(' ');
}
