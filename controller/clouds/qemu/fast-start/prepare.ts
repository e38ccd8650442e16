import { makeKeyPair, type SshLauncher } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import {
  endMachine,
  freePort,
  makeOverlay,
  readImage,
  startMachine,
  userAddress,
  whileBooting,
  withQmp,
  writeSeed,
  type Accelerator,
  type MachineFolder,
  type MachineSpec,
  type MachineTag,
} from '../machine/index.ts';
import type { PutRuntime } from '../runtime-disk.ts';
import type { QemuTemplate } from '../schema.ts';
import { openChannel } from './channel.ts';
import { PORT_NAME, START_GUEST_PROGRAM } from './guest-program.ts';
import { saveDevices } from './migration.ts';
import type { State } from './states.ts';

interface Preparation {
  program: string;
  tag: MachineTag;
  machine: MachineFolder;
  /** Where the state is to be; its disk stays the machine's overlay. */
  state: State;
  template: QemuTemplate;
  /** Path of the image that the disk stands on. */
  image: string;
  accelerator: Accelerator;
  putRuntime: PutRuntime;
  launcher: SshLauncher;
}

/** In QEMU's own range. On its own network the machine is alone, and so is each machine that starts from its state, with the same card. */
export const SAVED_MAC = '52:54:00:00:00:01';
const MOST_TRIES = 5;
/** Into the memory that is saved: an agent starts from there. */
const READ_RUNTIME = 'cat /opt/footman/runtime/*/node >/dev/null || :';

/**
 * Boots a machine of the template, with the runtime on board, lets it forget who it is, and saves it. Its QEMU is gone at the end, also
 * where that fails.
 */
export async function prepare(preparation: Preparation, signal: AbortSignal): Promise<void> {
  const { tag, machine, state } = preparation;
  try {
    const image = await readImage(preparation.image, signal);
    await makeOverlay(machine, image, preparation.template.disk ?? null, signal);
    await boot(preparation, signal);
    const channel = await openChannel(machine.path, signal);
    const { user, sudo } = preparation.template;
    await channel.order({ user, sudo });
    channel.close();
    await withQmp(machine, signal, (qmp) => qmp.execute('stop'));
    await saveDevices(machine, state.devices, signal);
  } finally {
    await endMachine(tag, AbortSignal.timeout(60_000));
  }
}

async function boot(preparation: Preparation, signal: AbortSignal): Promise<void> {
  const { tag, machine, template, putRuntime, launcher } = preparation;
  const [loginKey, hostKey] = await Promise.all([makeKeyPair('fast-start'), makeKeyPair('fast-start')]);
  const address = userAddress(template.restrict ?? true);
  const authorizedKey = loginKey.publicKey;
  // The program in the guest is root's; it takes the right away again where nodes have none.
  const content = {
    node: 'fast-start',
    user: template.user,
    sudo: true,
    authorizedKey,
    hostKey,
    mac: SAVED_MAC,
    runtime: await putRuntime(machine, signal),
    address,
  };
  await writeSeed(machine, content, signal);
  const port = await start(preparation, signal);
  const guest = {
    name: 'the machine of a fast start',
    host: '127.0.0.1',
    port,
    user: template.user,
    privateKey: loginKey.privateKey,
    hostKeys: { mode: 'pinned', keys: [hostKey.publicKey.split(' ', 2).join(' ')] } as const,
    isBooting: true,
  };
  await whileBooting(machine, tag, signal, async (bounded) => {
    await launcher.bring(guest, bounded);
    await launcher.run(guest, READ_RUNTIME, bounded);
    await launcher.run(guest, START_GUEST_PROGRAM, bounded);
  });
}

/** Returns the port that leads to its SSH server. */
async function start(preparation: Preparation, signal: AbortSignal): Promise<number> {
  const { program, tag, machine, state, template, accelerator } = preparation;
  const { cpus, memory, restrict = true } = template;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const port = await freePort();
    const spec: MachineSpec = {
      tag,
      folder: machine,
      accelerator,
      cpus,
      memoryBytes: memory,
      mac: SAVED_MAC,
      network: { mode: 'user', port, restrict },
      saved: { memory: state.memory, way: 'write', port: PORT_NAME },
    };
    if ((await startMachine(program, spec, signal)) === 'started') return port;
  }
  throw new FootmanError('cloud-unavailable', 'others take every port that was to lead to the machine');
}
