import type { Account } from './keys-account.ts';

/** A number of no user: what there is stays. */
const NO_CHANGE = 0xffff_ffff;

/**
 * Does the work on files with the rights of the account, and no others, so that nothing that its user has prepared in its home can make root
 * read or write what the user may not. The work must not wait for anything: the rights are those of the thread.
 *
 * @throws Error where the agent may not act for the account
 */
export function asAccount<T>({ name, uid, gid }: Account, work: () => T): T {
  const [ownUid, ownGid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (ownUid === uid) return work();
  if (ownUid !== 0) throw new Error(`only an agent that is root can put keys into the account ${name}`);
  // Not a plain import, for the same reason as that of the agent's other system calls.
  const { functions: libc } = process.getBuiltinModule('node:ffi').dlopen('libc.so.6', {
    setfsuid: { arguments: ['u32'], return: 'u32' },
    setfsgid: { arguments: ['u32'], return: 'u32' },
  });
  try {
    libc.setfsgid(gid);
    libc.setfsuid(uid);
    // They tell nothing of failure, only what was before.
    if (libc.setfsuid(NO_CHANGE) !== uid || libc.setfsgid(NO_CHANGE) !== gid)
      throw new Error(`the node does not let its root act for the account ${name}`);
    return work();
  } finally {
    libc.setfsuid(ownUid);
    libc.setfsgid(ownGid);
  }
}
