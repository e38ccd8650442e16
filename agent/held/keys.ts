import { join } from 'node:path';
import { messageOf } from '#shared/errors';
import type { AgentMessageOf, HoldKeys } from '#shared/protocol';
import { findAccount, type Account } from './keys-account.ts';
import { changeKeysFile } from './keys-file.ts';
import { holdLine, replaceLines } from './keys-lines.ts';
import { recallPlaces } from './keys-places.ts';
import { findSshd, type Sshd } from './sshd.ts';
import { readSshdConfig } from './sshd-config.ts';

type Placed = AgentMessageOf<'hold.keys.placed'>['keys'];

/** The hold's keys in the accounts that the node's own sshd lets in. */
export interface Keys {
  /** Puts just these there, and tells of each which account it is in. Orders are carried out one after another. Never rejects. */
  place(order: HoldKeys): Promise<Placed>;
  /** Takes all of them away, at once; what is still being placed is not put there any more. The next order puts its own there again. */
  removeAll(): void;
}

/** What the node tells. */
interface Node {
  sshd(): Promise<Sshd | null>;
  /** By a name, or a number of a user. */
  account(user: string | number): Promise<Account | undefined>;
  /** AuthorizedKeysFile of sshd; undefined where it looks into no file. */
  pattern(): string | undefined;
}

interface Deps {
  /** The agent's own folder. */
  root: string;
  node?: Node;
}

const THIS_NODE: Node = {
  sshd: findSshd,
  account: findAccount,
  pattern: () => readSshdConfig().authorizedKeys,
};

const MAX_MESSAGE_LENGTH = 4096;

export function createKeys({ root, node = THIS_NODE }: Deps): Keys {
  const places = recallPlaces(join(root, 'held'));
  let last: Promise<unknown> = Promise.resolve();
  let removals = 0;

  return {
    place(order) {
      const since = removals;
      const placed = last.then(() => place(order, () => removals === since));
      last = placed;
      return placed;
    },
    removeAll() {
      removals++;
      const { hold, accounts } = places.read();
      if (hold !== null) for (const account of accounts) change(account, { hold, keys: [] });
    },
  };

  async function place({ hold, keys, former = [] }: HoldKeys, isWanted: () => boolean): Promise<Placed> {
    const isListening = (await node.sshd()) !== null && node.pattern() !== undefined;
    const wanted = isListening ? keys : [];
    const accounts = await findAccounts([...wanted.map(({ user }) => user), ...former]);
    const problems = new Map<string, string>();
    if (isWanted()) {
      const before = places.read().accounts.filter(({ name }) => !accounts.some((one) => one.name === name));
      const all = [...before, ...accounts];
      const failure = failureOf(() => places.write({ hold, accounts: all }));
      for (const account of all) {
        const own = wanted.filter(({ user }) => accountOf(user, accounts) === account);
        const problem = failure ?? change(account, { hold, keys: own, former });
        if (problem !== undefined) problems.set(account.name, problem);
      }
    }
    return keys.map(({ id, user }) => {
      if (!isListening) return { id, user: null, problem: 'the node runs no sshd that looks for keys' };
      if (!isWanted()) return { id, user: null, problem: 'the keys of the hold have been taken away' };
      const account = accountOf(user, accounts);
      if (account === undefined) return { id, user: null, problem: noAccount(user) };
      const problem = problems.get(account.name);
      if (problem === undefined) return { id, user: account.name, problem: null };
      return { id, user: null, problem: problem.slice(0, MAX_MESSAGE_LENGTH) };
    });
  }

  async function findAccounts(wanted: readonly (string | null)[]): Promise<Account[]> {
    const users = new Set(wanted.map((user) => user ?? ownUser()));
    const found = await Promise.all([...users].map((user) => node.account(user)));
    const byName = new Map(found.flatMap((one) => (one === undefined ? [] : [[one.name, one] as const])));
    return [...byName.values()];
  }

  /** A sentence where it was not to be. */
  function change(account: Account, { hold, keys, former = [] }: Omit<HoldKeys, 'type'>): string | undefined {
    const lines = keys.map((key) => holdLine(hold, key));
    return failureOf(() => {
      const pattern = node.pattern();
      if (pattern === undefined) throw new Error('sshd looks into no file');
      changeKeysFile(account, pattern, (text) =>
        replaceLines(text, hold, lines, former.length > 0 ? null : Date.now()),
      );
    });
  }
}

function ownUser(): number {
  return process.getuid?.() ?? 0;
}

function accountOf(user: string | null, accounts: readonly Account[]): Account | undefined {
  return accounts.find(({ name, uid }) => (user === null ? uid === ownUser() : name === user));
}

function noAccount(user: string | null): string {
  return user === null
    ? `the agent's own account, ${ownUser()}, is not among the node's`
    : `the node has no account ${user}`;
}

function failureOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
