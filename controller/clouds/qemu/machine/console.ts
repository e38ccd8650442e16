import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { codeOf, replaceFile } from '#controller/files';
import { messageOf } from '#shared/errors';
import { CONSOLE_BYTES } from './command-line.ts';
import type { MachineFolder } from './machine-folder.ts';
import { withQmp, type Qmp } from './qmp.ts';

/**
 * Takes what the machine has printed since the last time, and keeps the last 64 KiB of all in its file: what was taken outlives QEMU.
 * Returns those; the empty text where nothing was printed, or QEMU is gone and nothing was taken before.
 */
export async function readMachineConsole(folder: MachineFolder, signal: AbortSignal): Promise<string> {
  // Within the conversation, of which there is one at a time: so two readers lose nothing.
  return withQmp(folder, signal, (qmp) => keep(folder, qmp)).catch(async () => {
    // A QEMU that is gone or stuck says nothing new.
    signal.throwIfAborted();
    return readKept(folder);
  });
}

/** The last lines of it, for an error; says so where it can't be had. */
export async function lastWords(folder: MachineFolder, signal: AbortSignal): Promise<string> {
  const text = await readMachineConsole(folder, signal).catch(messageOf);
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.length === 0
    ? 'it printed nothing'
    : `the end of its console:\n${lines.slice(-12).join('\n')}`;
}

async function keep(folder: MachineFolder, qmp: Qmp): Promise<string> {
  const options = { device: 'console', size: CONSOLE_BYTES, format: 'base64' };
  const fresh = Buffer.from(
    z.string().parse(await qmp.execute('ringbuf-read', options)),
    'base64',
  ).toString();
  const kept = await readKept(folder);
  if (fresh === '') return kept;
  const all = Buffer.from(kept + fresh);
  const last = startAtCharacter(all.subarray(Math.max(0, all.length - CONSOLE_BYTES))).toString();
  await replaceFile(folder.console, last);
  return last;
}

async function readKept(folder: MachineFolder): Promise<string> {
  try {
    return await readFile(folder.console, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** A character that the cut went through is dropped: continuation bytes of UTF-8 are 10xxxxxx. */
function startAtCharacter(bytes: Buffer): Buffer {
  const start = bytes.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80);
  return bytes.subarray(Math.max(0, start));
}
