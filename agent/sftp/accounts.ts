import { promises as fs } from 'node:fs';

/** The accounts of this machine, one character a byte. */
export interface Accounts {
  /** A user's name; the number where it has none. */
  userOf(uid: number): string;
  groupOf(gid: number): string;
  homeOf(user: string): string | undefined;
}

/** As far as /etc/passwd and /etc/group tell: Node can ask nobody else. */
export async function readAccounts(): Promise<Accounts> {
  const [users, groups] = await Promise.all([readTable('/etc/passwd'), readTable('/etc/group')]);
  return {
    userOf: (uid) => nameOf(users, uid),
    groupOf: (gid) => nameOf(groups, gid),
    homeOf: (user) => users.find(([name]) => name === user)?.[5],
  };
}

/** Rows of `name:password:number:…`. */
async function readTable(path: string): Promise<string[][]> {
  const text = await fs.readFile(path, 'latin1').catch(() => '');
  return text.split('\n').map((line) => line.split(':'));
}

function nameOf(table: string[][], number: number): string {
  const text = String(number);
  return table.find((row) => row[2] === text)?.[0] ?? text;
}
