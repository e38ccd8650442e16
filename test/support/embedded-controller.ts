import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startController, type Controller } from '#controller';
import { loadConfiguration } from '#controller/config';
import { createLogger } from '#controller/logger';
import { createApiClient, type ApiClient } from './api-client.ts';

/** A whole controller in the test's own process, with a data folder of its own; spoken to over HTTP. */
export interface EmbeddedController {
  api: ApiClient;
  url: string;
  bastion: Controller['bastion'];
  folder: string;
  data: string;
  token(): Promise<string>;
  /** Waits until every node is gone, stops, and removes the folder. */
  dispose(): Promise<void>;
}

const AGENT_FILE = join(import.meta.dirname, '../../dist/agent.mjs');

/** `configuration` is a footman.yaml without `data` and `listen`; `prepare` may put something into the data folder. */
export async function startEmbeddedController(
  configuration: string,
  env: NodeJS.ProcessEnv = {},
  prepare?: (data: string) => Promise<void>,
): Promise<EmbeddedController> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-test-'));
  const data = join(folder, 'data');
  const file = join(folder, 'footman.yaml');
  await writeFile(file, configuration);
  await prepare?.(data);
  const loaded = await loadConfiguration({ file, env, overrides: { data, listen: '127.0.0.1:0' } });
  const controller = await startController(loaded, { logger: createLogger('silent'), agentFile: AGENT_FILE });
  return {
    api: createApiClient(controller.url, data),
    url: controller.url,
    bastion: controller.bastion,
    folder,
    data,
    token: async () => (await readFile(controller.tokenFile, 'utf8')).trim(),
    async dispose() {
      await controller.drain(AbortSignal.timeout(30_000));
      await controller.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
