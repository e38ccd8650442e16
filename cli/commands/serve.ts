import { configurationSource, ensureAgentFile } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { createInterrupts } from '../interrupt.ts';

interface Options {
  listen?: string;
}

/**
 * Runs a controller until a signal ends it. Nodes and their jobs go on, and find it again at its next start. SIGHUP reloads the
 * configuration, also of a controller whose terminal is gone.
 */
export async function serve(context: Context, { listen }: Options): Promise<number> {
  const source = configurationSource(context, { listen });
  const configuration = await source.load();
  const [{ startController }, { createLogger }, agentFile] = await Promise.all([
    import('#controller'),
    import('#controller/logger'),
    ensureAgentFile(),
  ]);
  const interrupts = createInterrupts({ signals: ['SIGINT', 'SIGTERM'] });
  const stopped = aborted(interrupts.next());
  const logger = createLogger(configuration.logLevel, process.stderr);
  let reload = (): void => logger.warn('a reload has to wait until the controller has started');
  const hangUp = (): void => reload();
  process.on('SIGHUP', hangUp);
  try {
    const controller = await startController(configuration, { logger, agentFile, source });
    reload = (): void => {
      controller.reload('SIGHUP').catch((error: unknown) => {
        logger.error({ err: error }, 'the configuration was not reloaded');
      });
    };
    await context.out.write(
      `listening on ${controller.url}; the administrator's token is in ${controller.tokenFile}\n`,
    );
    await stopped;
    await controller.close();
    return 0;
  } finally {
    process.off('SIGHUP', hangUp);
    interrupts.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
