import { existsSync } from 'node:fs';
import type { Configuration } from '#controller/config';
import type { Context } from '../context.ts';

interface Overrides {
  listen?: string | undefined;
}

/** The configuration that this command line means: the file named, else `./footman.yaml`, else what is built in. */
export async function configurationFor(
  { options, env }: Context,
  { listen }: Overrides = {},
): Promise<Configuration> {
  const { loadConfiguration } = await import('#controller/config');
  const file = options.config ?? (existsSync('footman.yaml') ? 'footman.yaml' : undefined);
  return loadConfiguration({ file, env, overrides: { data: options.data, listen } });
}
