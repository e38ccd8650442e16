import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSshLauncher } from '#controller/launchers/ssh';
import { createLogger } from '#controller/logger';
import { VM_CACHE, vmImage, withLock } from '#test/vm-image';
import { localRuntime } from '../contracts/clouds/local-runtime.ts';
import { openFastStarts } from '../../controller/clouds/qemu/fast-start/index.ts';
import { imageStamp } from '../../controller/clouds/qemu/image-stamp.ts';
import { chooseAccelerator } from '../../controller/clouds/qemu/machine/index.ts';
import { createRuntimeDisk } from '../../controller/clouds/qemu/runtime-disk.ts';
import { QemuSettings, QemuTemplate } from '../../controller/clouds/qemu/schema.ts';

/** For a run that has to make the image and the state first. */
export const PREPARATION_LIMIT_MS = 400_000;
const LIMIT_MS = 300_000;

/** What all suites with fast starts launch, the example included: so they share one saved state. */
export async function fastTemplate(): Promise<object> {
  return { image: await vmImage(), cpus: 2, memory: '1GiB', disk: '8GiB', 'fast-start': true };
}

/**
 * The folder of that state, which is made unless it is there: that takes about a minute. Its name depends on all that it was made of, the
 * image, the runtime and QEMU included.
 */
export async function vmStates(): Promise<string> {
  const folder = join(VM_CACHE, 'fast-start');
  await mkdir(folder, { recursive: true });
  const parsed = QemuTemplate.parse(await fastTemplate());
  const path = await vmImage();
  const runtime = localRuntime;
  const { program } = QemuSettings.parse({});
  const work = await mkdtemp(join(tmpdir(), 'vm-state-'));
  const signal = AbortSignal.timeout(LIMIT_MS);
  const endpoints = { socketFolder: work, socketName: 'none.sock', url: null };
  const logger = createLogger('silent');
  const controllerId = 'vm-state';
  try {
    await withLock(`${folder}.lock`, async () => {
      const launcher = createSshLauncher({ controllerId, endpoints, runtime, logger, dial: 'tunnel' });
      const fastStarts = await openFastStarts({
        folder,
        program,
        controllerId,
        cloud: 'tests',
        runtime,
        putRuntime: createRuntimeDisk(join(VM_CACHE, 'runtime'), runtime),
        launcher,
        logger,
        accelerator: (bounded) => chooseAccelerator(program, work, bounded),
        used: () => Promise.resolve(new Set()),
      });
      await fastStarts.ensure(parsed, { path, stamp: (await imageStamp(path)) ?? '' }, signal);
      await fastStarts.close();
      await launcher.close();
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}
