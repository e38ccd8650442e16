import { constants, promises as fs } from 'node:fs';
import { attributesOf, readAttributes, setAttributes } from './attributes.ts';
import { PACKET } from './codes.ts';
import { MAX_DATA_BYTES } from './limits.ts';
import { toPath } from './names.ts';
import { DONE, END_OF_FILE, type Request } from './request.ts';

const READ = 1;
const WRITE = 2;
const APPEND = 4;
const CREATE = 8;
const TRUNCATE = 16;
const EXCLUSIVE = 32;

/** Node has few threads for files, and a pipe that nobody else has open, or a terminal, would keep one for good. */
const WITHOUT_WAITING = constants.O_NONBLOCK | constants.O_NOCTTY;

export const open: Request = async (fields, session) => {
  const name = session.absolute(fields.text());
  const flags = systemFlags(fields.u32());
  const { mode = 0o666 } = readAttributes(fields);
  const handle = await session.handles.add(() => openNow(name, flags, mode));
  return { type: PACKET.handle, fields: [handle] };
};

export const close: Request = async (fields, { handles }) => {
  await handles.close(fields.text());
  return DONE;
};

export const read: Request = async (fields, { handles }) => {
  const file = handles.file(fields.text());
  const offset = fields.size();
  const length = Math.min(fields.u32(), MAX_DATA_BYTES);
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
  if (bytesRead === 0 && length > 0) return END_OF_FILE;
  return { type: PACKET.data, fields: [bytesRead, buffer.subarray(0, bytesRead)] };
};

export const write: Request = async (fields, { handles }) => {
  const file = handles.file(fields.text());
  const offset = fields.size();
  const bytes = fields.bytes();
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, offset + at);
    at += bytesWritten;
  }
  return DONE;
};

export const fstat: Request = async (fields, { handles }) => ({
  type: PACKET.attributes,
  fields: attributesOf(await handles.file(fields.text()).stat()),
});

export const fsetstat: Request = async (fields, { handles }) => {
  await setAttributes(handles.file(fields.text()), readAttributes(fields));
  return DONE;
};

export const fsync: Request = async (fields, { handles }) => {
  await handles.file(fields.text()).sync();
  return DONE;
};

/** Opens a file at once or not at all. */
export function openNow(name: string, flags: number, mode?: number): Promise<fs.FileHandle> {
  return fs.open(toPath(name), flags | WITHOUT_WAITING, mode);
}

function systemFlags(flags: number): number {
  const both = READ | WRITE;
  const access = (flags & both) === both ? constants.O_RDWR : flags & WRITE ? constants.O_WRONLY : 0;
  return (
    access |
    (flags & APPEND ? constants.O_APPEND : 0) |
    (flags & CREATE ? constants.O_CREAT : 0) |
    (flags & TRUNCATE ? constants.O_TRUNC : 0) |
    (flags & EXCLUSIVE ? constants.O_EXCL : 0)
  );
}
