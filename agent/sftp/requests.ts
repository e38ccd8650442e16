import { PACKET, STATUS } from './codes.ts';
import type { Fields } from './fields.ts';
import { close, fsetstat, fstat, fsync, open, read, write } from './files.ts';
import { mkdir, opendir, readdir, rmdir } from './folders.ts';
import { MAX_DATA_BYTES, MAX_HANDLES } from './limits.ts';
import { lsetstat, lstat, setstat, stat, statvfs } from './metadata.ts';
import { expandPath, hardlink, readlink, realpath, remove, symlink } from './paths.ts';
import { posixRename, rename } from './renames.ts';
import { Refusal } from './refusal.ts';
import type { Request } from './request.ts';

interface Extension {
  version: string;
  request: Request;
}

const limits: Request = () =>
  Promise.resolve({
    type: PACKET.extendedReply,
    fields: [256 * 1024, MAX_DATA_BYTES, MAX_DATA_BYTES, MAX_HANDLES].map(BigInt),
  });

/** What OpenSSH's server can do beyond the draft. */
export const EXTENSIONS: ReadonlyMap<string, Extension> = new Map(
  Object.entries({
    'posix-rename@openssh.com': { version: '1', request: posixRename },
    'statvfs@openssh.com': { version: '2', request: statvfs },
    'hardlink@openssh.com': { version: '1', request: hardlink },
    'fsync@openssh.com': { version: '1', request: fsync },
    'lsetstat@openssh.com': { version: '1', request: lsetstat },
    'limits@openssh.com': { version: '1', request: limits },
    'expand-path@openssh.com': { version: '1', request: expandPath },
  }),
);

const REQUESTS: ReadonlyMap<number, Request> = new Map<number, Request>([
  [PACKET.open, open],
  [PACKET.close, close],
  [PACKET.read, read],
  [PACKET.write, write],
  [PACKET.lstat, lstat],
  [PACKET.fstat, fstat],
  [PACKET.setstat, setstat],
  [PACKET.fsetstat, fsetstat],
  [PACKET.opendir, opendir],
  [PACKET.readdir, readdir],
  [PACKET.remove, remove],
  [PACKET.mkdir, mkdir],
  [PACKET.rmdir, rmdir],
  [PACKET.realpath, realpath],
  [PACKET.stat, stat],
  [PACKET.rename, rename],
  [PACKET.readlink, readlink],
  [PACKET.symlink, symlink],
]);

/** What does a request, whose fields are read as far as they name it. @throws Refusal for one that there is not */
export function findRequest(type: number, fields: Fields): Request {
  const request = type === PACKET.extended ? EXTENSIONS.get(fields.text())?.request : REQUESTS.get(type);
  if (request === undefined) throw new Refusal(STATUS.unsupported, 'this server has no such request');
  return request;
}
