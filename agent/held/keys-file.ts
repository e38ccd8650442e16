import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Account } from './keys-account.ts';
import { asAccount } from './keys-identity.ts';

/** Longer files are none that people have written. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What becomes of the file's text; of latin1, a character a byte. */
type Change = (text: string) => string;

/**
 * Changes the account's file of keys: whole or not at all, and only if it is a plain file of the account's own in its home, or one among
 * root's in a folder of root's. Where there is none, it is made.
 *
 * @param pattern as AuthorizedKeysFile of sshd has it
 * @throws Error that tells why the file can't be changed
 */
export function changeKeysFile(account: Account, pattern: string, change: Change): void {
  const path = pathOf(account, pattern);
  if (!path.startsWith(`${account.home}/`)) return changeOfRoot(account, path, change);
  asAccount(account, () => {
    const home = realpathSync(account.home);
    makeParents(dirname(path), account.home);
    const folder = realpathSync(dirname(path));
    if (!`${folder}/`.startsWith(`${home}/`))
      throw new Error(`${dirname(path)} is a link that leaves the home`);
    replace(resolveLink(join(folder, basename(path)), home), account.uid, 0o600, change);
  });
}

/** `%h`, `%u`, `%U` and `%%` as sshd reads them; a relative path is one in the home. */
export function pathOf({ name, uid, home }: Account, pattern: string): string {
  const values: Record<string, string> = { h: home, u: name, U: String(uid), '%': '%' };
  const path = pattern.replace(/%(.)/g, (token, letter: string) => values[letter] ?? token);
  return isAbsolute(path) ? path : join(home, path);
}

/** Keys that the administrators of the node keep together: what is not theirs alone is not touched. */
function changeOfRoot({ name }: Account, path: string, change: Change): void {
  const folder = realpathSync(dirname(path));
  const { uid, mode } = lstatSync(folder);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${folder} can be written by others than root`);
  const root: Account = { name, uid: 0, gid: 0, home: '/' };
  asAccount(root, () => replace(join(folder, basename(path)), 0, 0o644, change));
}

function makeParents(folder: string, home: string): void {
  if (folder === home || !folder.startsWith(`${home}/`)) return;
  makeParents(dirname(folder), home);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Where the file is a link, what it leads to, if that is in the home as well. */
function resolveLink(path: string, home: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  const target = realpathSync(path);
  if (target.startsWith(`${home}/`)) return target;
  throw new Error(`${path} is a link that leaves the home`);
}

function replace(path: string, owner: number, freshMode: number, change: Change): void {
  const { text, mode } = read(path, owner) ?? { text: '', mode: freshMode };
  const changed = change(text);
  if (changed === text) return;
  const fresh = `${path}.footman`;
  rmSync(fresh, { force: true });
  const file = openSync(fresh, 'wx', mode);
  try {
    // Whatever the umask says.
    fchmodSync(file, mode);
    writeFileSync(file, changed, { encoding: 'latin1', flush: true });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function read(path: string, owner: number): { text: string; mode: number } | undefined {
  let file: number;
  try {
    // Opening a FIFO must not wait for its writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error(`${path} is no plain file`);
    if (stat.uid !== owner) throw new Error(`${path} belongs to another account`);
    if (stat.size > MOST_BYTES) throw new Error(`${path} has more than ${MOST_BYTES} bytes`);
    return { text: readFileSync(file, 'latin1'), mode: stat.mode & 0o7777 };
  } finally {
    closeSync(file);
  }
}
