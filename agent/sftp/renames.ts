import { promises as fs } from 'node:fs';
import { STATUS } from './codes.ts';
import type { Fields } from './fields.ts';
import { toPath } from './names.ts';
import { hasCode, Refusal } from './refusal.ts';
import { DONE, type Request } from './request.ts';
import type { Session } from './session.ts';

/** In the place of what is there. */
export const posixRename: Request = async (fields, session) => {
  await fs.rename(...readPaths(fields, session));
  return DONE;
};

/** Only where nothing is there. */
export const rename: Request = async (fields, session) => {
  const [from, to] = readPaths(fields, session);
  const stats = await fs.lstat(from);
  if (stats.isFile() && (await hasMovedByLink(from, to))) return DONE;
  if (await isThere(to)) throw new Refusal(STATUS.failure, 'there is a file of the new name');
  await fs.rename(from, to);
  return DONE;
};

function readPaths(fields: Fields, session: Session): [from: Buffer, to: Buffer] {
  const from = session.absolute(fields.text());
  return [toPath(from), toPath(session.absolute(fields.text()))];
}

/** Fails where something is there, whoever made it when. Not every file system can do it. */
async function hasMovedByLink(from: Buffer, to: Buffer): Promise<boolean> {
  try {
    await fs.link(from, to);
  } catch (error) {
    if (hasCode(error, 'EPERM', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV')) return false;
    throw error;
  }
  await fs.unlink(from);
  return true;
}

async function isThere(path: Buffer): Promise<boolean> {
  try {
    await fs.lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
