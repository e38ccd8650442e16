import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { parseAnswer } from './answer.ts';
import type { Archive } from './archive.ts';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { titleOf } from './place.ts';
import { PREPARE_UPLOAD, REMOVE_UPLOAD, UNPACK } from './scripts/index.ts';
import { explain, outputOf, receiveInto, runScript } from './shell.ts';

export interface Delivery {
  controllerId: string;
  machine: Machine;
  connection: Connection;
  archive: Archive;
  /** Of the runtime. */
  digest: string;
}

const KiB = z.coerce.number().int().min(0);
const Room = z.object({
  free: z.union([KiB, z.literal('unknown')]),
  missing: z.string().optional(),
  noexec: z.string().optional(),
  aside: z.string().startsWith('/').optional(),
});
const Left = z.object({ before: KiB, after: KiB });
const Unpacked = z.object({ runtime: z.string().startsWith('/').optional(), digest: z.string().optional() });

/** Directories, and what the machine needs besides. */
const SPARE_BYTES = 4 * 1024 * 1024;
/** With less than this left, whatever went wrong, it went wrong for want of room. */
const FULL_KIB = 1024;

/**
 * Brings the runtime's archive and unpacks it, aside, and then under its name. Returns where it is on the machine. Of a failure nothing is
 * left there, unless the connection is lost; the next one removes that.
 */
export async function bringRuntime(delivery: Delivery, signal: AbortSignal): Promise<string> {
  const aside = await makeRoom(delivery, signal);
  try {
    await upload(delivery, `${aside}/archive`, signal);
    return await unpack(delivery, aside, signal);
  } catch (error) {
    throw await removeUpload(delivery, aside, error);
  }
}

async function makeRoom({ controllerId, machine, connection, archive }: Delivery, signal: AbortSignal) {
  const title = titleOf(machine);
  const needed = neededBytes(archive);
  const name = `.new-${controllerId}-${randomBytes(6).toString('hex')}`;
  const args = [controllerId, name, String(Math.ceil(needed / 1024))];
  const script = { text: PREPARE_UPLOAD, args };
  const output = await outputOf(connection, script, `${title} has no place for the agent's runtime`, signal);
  const room = parseAnswer(output, Room, title);
  if (room.missing !== undefined) {
    throw new FootmanError(
      'cloud-refused',
      `${title} has no ${room.missing.slice(0, 40)}, which agents need there`,
    );
  }
  if (room.noexec !== undefined) {
    throw new FootmanError('cloud-refused', `${title} runs no program below ${room.noexec.slice(0, 200)}`, {
      hint: 'it may be mounted with noexec; use a user whose home is not',
    });
  }
  if (room.aside === undefined) throw noRoom(machine, needed, room.free === 'unknown' ? 0 : room.free);
  return room.aside;
}

/** By SFTP; as the input of a command where the machine's sshd has no SFTP. */
async function upload({ machine, connection, archive }: Delivery, path: string, signal: AbortSignal) {
  if (await connection.upload(archive.file, path, signal)) return;
  const ended = await connection.exec(receiveInto(path), createReadStream(archive.file), signal);
  if (ended.code === 0) return;
  const sentence = `the agent's runtime can't be brought to ${titleOf(machine)}: ${explain(ended)}`;
  throw new FootmanError('cloud-unavailable', sentence);
}

async function unpack(
  { machine, connection, archive, digest }: Delivery,
  aside: string,
  signal: AbortSignal,
) {
  const title = titleOf(machine);
  const script = { text: UNPACK, args: [aside, archive.sum, digest] };
  const output = await outputOf(connection, script, `${title} can't unpack the agent's runtime`, signal);
  const unpacked = parseAnswer(output, Unpacked, title);
  if (unpacked.runtime !== undefined) return unpacked.runtime;
  if (unpacked.digest === '') {
    throw new FootmanError('cloud-refused', `${title} has no program to check the agent's runtime with`, {
      hint: 'install one of sha256sum, busybox, openssl',
    });
  }
  throw new FootmanError('cloud-unavailable', `the agent's runtime was damaged on its way to ${title}`);
}

/** @returns the error to throw: that of a full disk, where it is full */
async function removeUpload({ machine, connection, archive }: Delivery, aside: string, error: unknown) {
  // Whatever ended the upload, it is not to keep us from this.
  const signal = AbortSignal.timeout(CLEANING_MS);
  try {
    const title = titleOf(machine);
    const ended = await runScript(connection, { text: REMOVE_UPLOAD, args: [aside] }, signal);
    if (ended.code !== 0) throw new Error(explain(ended));
    const { before, after } = parseAnswer(ended.output, Left, title);
    return before < FULL_KIB ? noRoom(machine, neededBytes(archive), after) : error;
  } catch {
    return error;
  }
}

const CLEANING_MS = 10_000;

function neededBytes({ bytes, unpackedBytes }: Archive): number {
  return bytes + unpackedBytes + SPARE_BYTES;
}

function noRoom(machine: Machine, needed: number, freeKiB: number): FootmanError {
  const free = formatBytes(freeKiB * 1024);
  const sentence = `the agent's runtime needs ${formatBytes(needed)} on ${titleOf(machine)}, where ${free} are free`;
  return new FootmanError('cloud-refused', sentence, {
    hint: `make room in the home of ${machine.user}, or use an image that has the runtime`,
  });
}
