import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudContext } from '#controller/clouds';
import { createSshLauncher } from '#controller/launchers/ssh';
import { createLogger } from '#controller/logger';
import { VM_CACHE, withLock } from '#test/vm-image';
import { openFastStarts } from '../../controller/clouds/qemu/fast-start/index.ts';
import { imageStamp } from '../../controller/clouds/qemu/image-stamp.ts';
import { chooseAccelerator } from '../../controller/clouds/qemu/machine/index.ts';
import { createRuntimeDisk } from '../../controller/clouds/qemu/runtime-disk.ts';
import { QemuSettings, QemuTemplate } from '../../controller/clouds/qemu/schema.ts';

const LIMIT_MS = 300_000;

/**
 * The folder of the saved states that all suites share: one is made of the template's machine unless it is there, which takes about a
 * minute. Its name depends on all that it was made of, the image, the runtime and QEMU included.
 */
export async function vmStates(template: object, runtime: CloudContext['runtime']): Promise<string> {
  const folder = join(VM_CACHE, 'fast-start');
  await mkdir(folder, { recursive: true });
  const parsed = QemuTemplate.parse(template);
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
      await fastStarts.ensure(parsed, (await imageStamp(parsed.image)) ?? '', signal);
      await fastStarts.close();
      await launcher.close();
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}
