import { findHold, keysOfHold, type Db, type Hold } from '#controller/store';

/** Accounts of a captured machine that may have keys of the holds that it had before; null is the agent's own. */
export async function formerAccounts(db: Db, { resumes }: Pick<Hold, 'resumes'>): Promise<(string | null)[]> {
  const accounts = new Set<string | null>();
  for (let id = resumes; id !== null; id = (await findHold(db, id))?.resumes ?? null)
    for (const { placed, login } of await keysOfHold(db, id)) accounts.add(placed?.user ?? login);
  return [...accounts];
}
