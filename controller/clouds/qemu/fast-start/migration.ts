import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { FootmanError } from '#shared/errors';
import { connectIn, listenIn, withQmp, type MachineFolder, type Qmp } from '../machine/index.ts';

/** Relative to the machine's folder, where QEMU was started. */
const SOCKET = 'state.sock';
const LOOK_MS = 10;
/** All but the memory is a few MiB. */
const LIMIT_MS = 60_000;
const Status = z.object({ status: z.string().optional(), 'error-desc': z.string().optional() });

/**
 * Saves what the stopped machine is, but for its memory, which is a file of its own already, and its disk. It can't go on afterwards.
 */
export async function saveDevices(folder: MachineFolder, file: string, signal: AbortSignal): Promise<void> {
  const server = await listenIn(folder.path, SOCKET);
  try {
    await withQmp(folder, signal, (qmp) => save(qmp), LIMIT_MS);
  } finally {
    server.close();
  }

  async function save(qmp: Qmp): Promise<void> {
    const writing = once(server, 'connection', { signal }).then(([socket]) =>
      pipeline(socket, createWriteStream(file, { mode: 0o600, flush: true }), { signal }),
    );
    writing.catch(() => undefined);
    await leaveMemoryOut(qmp);
    await qmp.execute('migrate', { uri: `unix:${SOCKET}` });
    await completed(qmp, signal);
    await writing;
  }
}

/** Gives them to a machine that was started to wait for them. It stands still afterwards. */
export async function loadDevices(folder: MachineFolder, file: string, signal: AbortSignal): Promise<void> {
  await withQmp(folder, signal, load, LIMIT_MS);

  async function load(qmp: Qmp): Promise<void> {
    await leaveMemoryOut(qmp);
    await qmp.execute('migrate-incoming', { uri: `unix:${SOCKET}` });
    const socket = await connectIn(folder.path, SOCKET, signal);
    const writing = pipeline(createReadStream(file), socket, { signal });
    writing.catch(() => undefined);
    await completed(qmp, signal);
    await writing.catch(() => undefined);
  }
}

async function leaveMemoryOut(qmp: Qmp): Promise<void> {
  await qmp.execute('migrate-set-capabilities', {
    capabilities: [{ capability: 'x-ignore-shared', state: true }],
  });
}

async function completed(qmp: Qmp, signal: AbortSignal): Promise<void> {
  for (;;) {
    const found = Status.parse(await qmp.execute('query-migrate'));
    if (found.status === 'completed') return;
    if (found.status === 'failed' || found.status === 'cancelled') {
      const why = found['error-desc'] ?? 'it does not say why';
      throw new FootmanError('cloud-unavailable', `QEMU can't save or load the machine: ${why}`);
    }
    await setTimeout(LOOK_MS, undefined, { signal });
  }
}
