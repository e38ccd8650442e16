import { join } from 'node:path';
import { interpose, type CuttingProxy } from './cutting-proxy.ts';
import { startEmbeddedController, type EmbeddedController } from './embedded-controller.ts';

/** A controller with nodes for `linux`, and what stands between it and their agents. */
export interface CutFixture extends AsyncDisposable {
  controller: EmbeddedController;
  proxy: CuttingProxy;
}

export async function startCutFixture(): Promise<CutFixture> {
  const controller = await startEmbeddedController(
    'clouds: { local: { kind: process, templates: { host: { labels: linux } } } }',
  );
  const proxy = await interpose(join(controller.data, 'run', 'agents.sock'));
  return {
    controller,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await controller.dispose();
    },
  };
}
