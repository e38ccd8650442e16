import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '#controller/config';
import { createClient, type Client } from '../client/index.ts';
import { ensureAgentFile } from './agent-file.ts';
import { readToken } from './endpoint.ts';

/** A controller inside this process, for one command. */
export interface Embedded {
  client: Client;
  /** Resolves when every node is gone, or rejects with the signal's reason; nothing new is placed from now on. */
  drain(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a controller for this command, on a port of its own. Its log goes to `controller.log` in the data folder.
 *
 * @param isPlacing whether it gives nodes to jobs and fills pools
 */
export async function embed(
  configuration: Configuration,
  { isPlacing }: { isPlacing: boolean },
): Promise<Embedded> {
  const { data, logLevel } = configuration;
  const [{ startController }, { createLogger }, agentFile] = await Promise.all([
    import('#controller'),
    import('#controller/logger'),
    ensureAgentFile(),
    mkdir(data, { recursive: true, mode: 0o700 }),
  ]);
  const log = createWriteStream(join(data, 'controller.log'), { flags: 'a', mode: 0o600 });
  const controller = await startController(
    { ...configuration, listen: { host: '127.0.0.1', port: 0 } },
    { logger: createLogger(logLevel, log), agentFile, isPlacing },
  );
  const client = createClient({ url: controller.url, token: await readToken(controller.tokenFile) });
  return {
    client,
    drain: (signal) => controller.drain(signal),
    async close() {
      client.close();
      await controller.close();
      log.end();
    },
  };
}
