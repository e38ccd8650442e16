import { homedir } from 'node:os';
import { readAccounts, type Accounts } from './accounts.ts';
import { STATUS } from './codes.ts';
import { createHandles, type Handles } from './handles.ts';
import { toName } from './names.ts';
import { Refusal } from './refusal.ts';

/** What the requests of one client share. */
export interface Session {
  readonly handles: Handles;
  /** Asked for once. */
  accounts(): Promise<Accounts>;
  /** Names that don't begin with `/` are below the folder. */
  absolute(name: string): string;
  /** With `~` and `~user` at its beginning taken for a home. @throws Refusal for a user whom nobody knows */
  expand(name: string): Promise<string>;
}

export function createSession(folder: string): Session {
  const base = toName(folder);
  let accounts: Promise<Accounts> | undefined;

  const session: Session = {
    handles: createHandles(),
    accounts: () => (accounts ??= readAccounts()),
    absolute: (name) => (name.startsWith('/') ? name : `${base}/${name}`),
    async expand(name) {
      const [, user, rest = ''] = /^~([^/]*)(.*)$/s.exec(name) ?? [];
      if (user === undefined) return session.absolute(name);
      const home = user === '' ? toName(homedir()) : (await session.accounts()).homeOf(user);
      if (home === undefined) throw new Refusal(STATUS.noSuchFile, 'there is no such user');
      return home + rest;
    },
  };
  return session;
}
