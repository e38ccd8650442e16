import { findListedHold, type Db, type ListedHold } from '#controller/store';
import { FootmanError } from '#shared/errors';

/** @throws FootmanError `not-found` */
export async function requireHold(db: Db, id: string): Promise<ListedHold> {
  const hold = await findListedHold(db, id);
  if (hold === undefined)
    throw new FootmanError('not-found', `there is no hold ${id}`, { hint: '`footman hold ls` lists them' });
  return hold;
}
