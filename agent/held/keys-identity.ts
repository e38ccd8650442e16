import { userInfo } from 'node:os';
import type { Account } from './keys-account.ts';

const NOBODY_CHANGES = -1;

/**
 * Does the work on files with the rights of the account, and no others, so that nothing that its user has prepared in its home can make root
 * read or write what the user may not. The work must not wait for anything: the rights are those of the thread.
 *
 * @throws Error where the agent may not act for the account
 */
export function asAccount<T>({ name, uid, gid }: Account, work: () => T): T {
  const own = userInfo();
  if (own.uid === uid) return work();
  if (own.uid !== 0) throw new Error(`only an agent that is root can put keys into the account ${name}`);
  // Not a plain import, for the same reason as that of the agent's other system calls.
  const { functions: libc } = process.getBuiltinModule('node:ffi').dlopen('libc.so.6', {
    setfsuid: { arguments: ['i32'], return: 'i32' },
    setfsgid: { arguments: ['i32'], return: 'i32' },
  });
  try {
    libc.setfsgid(gid);
    libc.setfsuid(uid);
    // They tell nothing of failure, only what was before.
    if (libc.setfsuid(NOBODY_CHANGES) !== uid || libc.setfsgid(NOBODY_CHANGES) !== gid)
      throw new Error(`the node does not let its root act for the account ${name}`);
    return work();
  } finally {
    libc.setfsuid(own.uid);
    libc.setfsgid(own.gid);
  }
}
