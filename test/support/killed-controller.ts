import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControllerProcess, type ControllerProcess } from './controller-process.ts';
import { controlFakeWorld, type FakeWorldControl } from './fake-world.ts';

/** A controller that can be killed, and a fake cloud's world that outlives it. */
export interface KilledController extends AsyncDisposable {
  /** For what a test keeps; it goes at the end. */
  folder: string;
  world: FakeWorldControl;
  controller: ControllerProcess;
}

/** Makes a footman.yaml without `data` and `listen` for the world's folder. */
export async function startKilledController(
  configurationFor: (world: string) => string,
): Promise<KilledController> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-killed-'));
  const worldFolder = join(folder, 'world');
  const world = await controlFakeWorld(worldFolder);
  const controller = await startControllerProcess({ folder, configuration: configurationFor(worldFolder) });
  return {
    folder,
    world,
    controller,
    async [Symbol.asyncDispose]() {
      await controller.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
