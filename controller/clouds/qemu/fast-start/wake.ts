import { randomBytes } from 'node:crypto';
import { withQmp, type MachineFolder } from '../machine/index.ts';
import type { NodeRecord } from '../node-record.ts';
import { hostnameOf } from '../machine/index.ts';
import { openChannel } from './channel.ts';
import { loadDevices } from './migration.ts';
import type { State } from './states.ts';

const ENTROPY_BYTES = 256;

/** Lets a machine that waits for a state go on from it, as the node's: with entropy, clock, name and keys of its own. */
export async function wake(
  state: State,
  folder: MachineFolder,
  record: NodeRecord,
  signal: AbortSignal,
): Promise<void> {
  await loadDevices(folder, state.devices, signal);
  // The guest's program hears us from its first moment on.
  const channel = await openChannel(folder.path, signal);
  try {
    await withQmp(folder, signal, (qmp) => qmp.execute('cont'));
    await channel.order({
      entropy: randomBytes(ENTROPY_BYTES).toString('base64'),
      seconds: Date.now() / 1000,
      hostname: hostnameOf(record.node),
      user: record.user,
      authorizedKey: record.loginKey.publicKey,
      hostKey: record.hostKey,
    });
  } finally {
    channel.close();
  }
}
