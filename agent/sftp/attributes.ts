import type { Stats } from 'node:fs';
import type { Fields } from './fields.ts';
import type { Field } from './packet-writer.ts';

/** What a request sets; undefined is left as it is. */
export interface Attributes {
  size: number | undefined;
  owner: { uid: number; gid: number } | undefined;
  /** Permission bits. */
  mode: number | undefined;
  /** Seconds since the epoch. */
  times: { accessed: number; modified: number } | undefined;
}

/** Something whose attributes can be set: an open file, or a name. */
export interface Changeable {
  truncate(size: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  utimes(accessed: number, modified: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
}

const HAS_SIZE = 1;
const HAS_OWNER = 2;
const HAS_MODE = 4;
const HAS_TIMES = 8;
const HAS_EXTENDED = 0x80000000;
const MAX_U32 = 0xffffffff;

/** For a name of which nothing is told. */
export const NO_ATTRIBUTES: readonly Field[] = [0];

/** @throws Refusal where they are cut off */
export function readAttributes(fields: Fields): Attributes {
  const flags = fields.u32();
  const size = flags & HAS_SIZE ? fields.size() : undefined;
  const owner = flags & HAS_OWNER ? { uid: fields.u32(), gid: fields.u32() } : undefined;
  const mode = flags & HAS_MODE ? fields.u32() & 0o7777 : undefined;
  const times = flags & HAS_TIMES ? { accessed: fields.u32(), modified: fields.u32() } : undefined;
  if (flags & HAS_EXTENDED)
    for (let left = fields.u32(); left > 0; left--) {
      fields.bytes();
      fields.bytes();
    }
  return { size, owner, mode, times };
}

export function attributesOf({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): readonly Field[] {
  const flags = HAS_SIZE | HAS_OWNER | HAS_MODE | HAS_TIMES;
  return [flags, BigInt(size), uid, gid, mode, seconds(atimeMs), seconds(mtimeMs)];
}

/** Sets them one after another; the first that can't be set ends it. */
export async function setAttributes(
  target: Changeable,
  { size, mode, times, owner }: Attributes,
): Promise<void> {
  if (size !== undefined) await target.truncate(size);
  if (mode !== undefined) await target.chmod(mode);
  if (times !== undefined) await target.utimes(times.accessed, times.modified);
  if (owner !== undefined) await target.chown(owner.uid, owner.gid);
}

/** A file may be from before the epoch, or from after 2106. */
function seconds(milliseconds: number): number {
  return Math.min(Math.max(Math.floor(milliseconds / 1000), 0), MAX_U32);
}
