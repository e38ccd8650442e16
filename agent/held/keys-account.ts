import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A user of the node. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

const GETENT_MS = 5_000;

/** One that the node's own file does not name may be known to a directory service. */
export async function findAccount(user: string | number): Promise<Account | undefined> {
  return inTable(passwd(), user) ?? inTable(await askGetent(String(user)), user);
}

/** The first line counts. @param user a name, or a number of a user */
export function inTable(table: string, user: string | number): Account | undefined {
  for (const line of table.split('\n')) {
    const [name = '', , uid, gid, , home = ''] = line.split(':');
    const account = { name, uid: Number(uid || NaN), gid: Number(gid || NaN), home };
    if (!Number.isInteger(account.uid) || !Number.isInteger(account.gid)) continue;
    if (user === name || user === account.uid) return account;
  }
  return undefined;
}

function passwd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

/** Empty where nobody knows the user, or there is no such program. */
function askGetent(user: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const options = { timeout: GETENT_MS, killSignal: 'SIGKILL' } as const;
  execFile('/usr/bin/getent', ['passwd', '--', user], options, (error, stdout) =>
    resolve(error ? '' : stdout),
  );
  return promise;
}
