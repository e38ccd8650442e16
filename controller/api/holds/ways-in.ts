import { isIP } from 'node:net';
import type { HeldNodes } from '#controller/gateway';
import type { HoldKey, ListedHold } from '#controller/store';
import type { Hold } from './schema.ts';

/** Where people reach the bastion. */
export interface BastionAddress {
  host: string;
  port: number;
}

/** What the ways to held nodes depend on. */
export interface Surroundings {
  heldNodes: Pick<HeldNodes, 'facts'>;
  /** Null where there is no bastion. */
  bastion: () => BastionAddress | null;
}

const SSH_PORT = 22;
/** Commands are pasted into shells, and accounts and addresses are the node's own words. */
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;

/** The command lines that lead to the node; none before it is admitted, and none when the hold is over. */
export function waysIn(
  { id, node_id: nodeId, state, admitted }: ListedHold,
  keys: readonly HoldKey[],
  { heldNodes, bastion }: Surroundings,
): Hold['access'] {
  if (state !== 'held' || admitted === 0) return { bastion: null, direct: [] };
  const address = bastion();
  const sshd = heldNodes.facts(nodeId)?.sshd ?? null;
  return {
    bastion: address === null ? null : ssh(id, address),
    direct: (sshd?.addresses ?? [])
      .filter((host) => isIP(host) !== 0)
      .flatMap((host) => accountsOf(keys).map((user) => ssh(user, { host, port: sshd?.port ?? SSH_PORT }))),
  };
}

/** Those whose authorized_keys have a key of the hold. */
function accountsOf(keys: readonly HoldKey[]): string[] {
  const placed = keys
    .filter((key) => key.revoked_at === null && key.placed?.problem === null)
    .map((key) => key.placed?.user ?? '');
  return [...new Set(placed)].filter((user) => ACCOUNT.test(user));
}

function ssh(user: string, { host, port }: BastionAddress): string {
  const at = port === SSH_PORT ? '' : `-p ${port} `;
  return `ssh ${at}${user}@${host}`;
}
