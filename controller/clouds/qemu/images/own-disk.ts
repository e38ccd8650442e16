import { open } from 'node:fs/promises';
import { FootmanError } from '#shared/errors';
import { qemuImg } from '../machine/index.ts';

/**
 * Where things are in the header of a qcow2 file, as bytes from its start; numbers are big-endian. What else it names are files of the
 * machine that reads it.
 */
const MAGIC = 0x51_46_49_fb;
const VERSION_AT = 4;
const BACKING_FILE_AT = 8;
const ENCRYPTION_AT = 32;
const FEATURES_AT = 72;
const HEADER_BYTES = 104;

/** Features of version 3 that say how clusters are packed. All others are a file aside, damage, or not known. */
const HARMLESS = 0b11000n;

/**
 * Sees to it that the file, which anybody may have made, is a whole qcow2 disk that reads no other file. QEMU's programs, which would follow
 * what a header names, look at it only when its header names nothing.
 *
 * @throws FootmanError `cloud-refused` with the reason
 */
export async function checkOwnDisk(path: string, signal: AbortSignal): Promise<void> {
  const why = whyNot(await readHeader(path));
  if (why !== null) throw refused(why);
  try {
    await qemuImg(['check', '-q', '-f', 'qcow2', path], signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FootmanError && error.code !== 'internal') throw error;
    throw refused('it is damaged', error);
  }
}

function whyNot(header: Buffer): string | null {
  if (header.length < HEADER_BYTES || header.readUInt32BE(0) !== MAGIC) return 'it is no qcow2 file';
  const version = header.readUInt32BE(VERSION_AT);
  if (version !== 2 && version !== 3) return `its version is ${version}`;
  if (header.readBigUInt64BE(BACKING_FILE_AT) !== 0n) return 'it stands on another file';
  if (header.readUInt32BE(ENCRYPTION_AT) !== 0) return 'it is encrypted';
  const features = version === 2 ? 0n : header.readBigUInt64BE(FEATURES_AT);
  if ((features & 0b100n) !== 0n) return 'its content is in another file';
  if ((features & 0b11n) !== 0n) return 'it was not closed, or is damaged';
  return (features & ~HARMLESS) === 0n ? null : 'it has features that are not known';
}

async function readHeader(path: string): Promise<Buffer> {
  await using file = await open(path);
  const header = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0);
  return header.subarray(0, bytesRead);
}

function refused(why: string, cause?: unknown): FootmanError {
  return new FootmanError('cloud-refused', `the file can't be a machine's image: ${why}`, {
    hint: 'it must be a whole qcow2 file, such as an export of an image is',
    ...(cause !== undefined && { cause }),
  });
}
