import { constants, promises as fs } from 'node:fs';
import { attributesOf, readAttributes, setAttributes } from './attributes.ts';
import { PACKET, STATUS } from './codes.ts';
import { openNow } from './files.ts';
import { toPath } from './names.ts';
import { Refusal } from './refusal.ts';
import { DONE, type Request } from './request.ts';

const MAX_NAME_BYTES = 255n;

export const stat: Request = async (fields, session) => ({
  type: PACKET.attributes,
  fields: attributesOf(await fs.stat(toPath(session.absolute(fields.text())))),
});

export const lstat: Request = async (fields, session) => ({
  type: PACKET.attributes,
  fields: attributesOf(await fs.lstat(toPath(session.absolute(fields.text())))),
});

export const setstat: Request = async (fields, session) => {
  const name = session.absolute(fields.text());
  const path = toPath(name);
  const target = {
    // Node's own would wait for the other end of a pipe.
    async truncate(size: number) {
      await using file = await openNow(name, constants.O_WRONLY);
      await file.truncate(size);
    },
    chmod: (mode: number) => fs.chmod(path, mode),
    utimes: (accessed: number, modified: number) => fs.utimes(path, accessed, modified),
    chown: (uid: number, gid: number) => fs.chown(path, uid, gid),
  };
  await setAttributes(target, readAttributes(fields));
  return DONE;
};

/** Of a link itself, where it is one. */
export const lsetstat: Request = async (fields, session) => {
  const path = toPath(session.absolute(fields.text()));
  const target = {
    truncate: () => Promise.reject(new Refusal(STATUS.badMessage, 'a link has no size to set')),
    async chmod(mode: number) {
      const stats = await fs.lstat(path);
      if (stats.isSymbolicLink()) throw new Refusal(STATUS.unsupported, 'links have no permissions on Linux');
      await fs.chmod(path, mode);
    },
    utimes: (accessed: number, modified: number) => fs.lutimes(path, accessed, modified),
    chown: (uid: number, gid: number) => fs.lchown(path, uid, gid),
  };
  await setAttributes(target, readAttributes(fields));
  return DONE;
};

/** Of the file system. */
export const statvfs: Request = async (fields, session) => {
  const path = toPath(session.absolute(fields.text()));
  const { bsize, frsize, blocks, bfree, bavail, files, ffree } = await fs.statfs(path, { bigint: true });
  const [id, flags] = [0n, 0n];
  return {
    type: PACKET.extendedReply,
    fields: [bsize, frsize, blocks, bfree, bavail, files, ffree, ffree, id, flags, MAX_NAME_BYTES],
  };
};
