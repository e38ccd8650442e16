import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HoldKeys } from '#shared/protocol';
import { createKeys, type Keys } from './keys.ts';
import type { Account } from './keys-account.ts';

export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJhPOWzEOqVKX9w1Bh5Z2m7r0jJ0kPq8W6e6yCw3Kc5v';
export const OTHER = KEY.replace('5v', '5w');
export const isRoot = process.getuid?.() === 0;
/** Of no account of the machine's. */
export const UID = 54_321;
const HOUR = 3_600_000;

/** A node with two accounts, each with a home of its own, and an sshd as the test has it. */
export interface KeysScene {
  folder: string;
  /** The agent's. */
  own: Account;
  alice: Account;
  hasSshd: boolean;
  pattern: string | undefined;
  /** As after each boot of the machine. */
  startAgent(): Keys;
  remove(): void;
}

export function setKeysScene(): KeysScene {
  const folder = mkdtempSync(join(tmpdir(), 'footman-keys-'));
  chmodSync(folder, 0o755);
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const own = accountIn(folder, 'own', uid, gid);
  const alice = accountIn(folder, 'alice', isRoot ? UID : uid + 1, isRoot ? UID : gid);
  const scene: KeysScene = {
    folder,
    own,
    alice,
    hasSshd: true,
    pattern: '.ssh/authorized_keys',
    startAgent: () =>
      createKeys({
        root: folder,
        node: {
          sshd: () => Promise.resolve(scene.hasSshd ? { port: 22, addresses: ['192.0.2.1'] } : null),
          account: (user) =>
            Promise.resolve([own, alice].find((account) => account.name === user || account.uid === user)),
          pattern: () => scene.pattern,
        },
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return scene;
}

function accountIn(folder: string, name: string, uid: number, gid: number): Account {
  const home = join(folder, name);
  mkdirSync(home, { mode: 0o755 });
  if (isRoot) chownSync(home, uid, gid);
  return { name, uid, gid, home };
}

/** Each as `[key, user]`. */
export function keysOrder(...wanted: [key: string, user: string | null][]): HoldKeys {
  const expiresAt = Date.now() + HOUR;
  const keys = wanted.map(([key, user], index) => ({ id: `key-${index}`, key, user, expiresAt }));
  return { type: 'hold.keys', hold: 'h1', keys };
}

export function fileOf({ home }: Account): string {
  return join(home, '.ssh/authorized_keys');
}

/** The account's own, with its folder. */
export function writeKeys(account: Account, text: string | Buffer, mode = 0o600): void {
  mkdirSync(join(account.home, '.ssh'), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(account), text);
  chmodSync(fileOf(account), mode);
  if (!isRoot) return;
  for (const path of [join(account.home, '.ssh'), fileOf(account)]) chownSync(path, account.uid, account.gid);
}

export function linesOf(account: Account): string[] {
  return readFileSync(fileOf(account), 'latin1').split('\n').filter(Boolean);
}

/** The line that lets the key in. */
export function lineOf(key: string): RegExp {
  return new RegExp(`^expiry-time="\\d{14}" ${key.replaceAll('+', '\\+')} footman-hold-h1$`);
}
