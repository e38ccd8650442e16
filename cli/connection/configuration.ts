import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Configuration } from '#controller/config';
import { FootmanError } from '#shared/errors';
import type { Context } from '../context.ts';

interface Overrides {
  listen?: string | undefined;
  /** Instead of the one that the command line means. */
  file?: string | undefined;
}

/** Where a configuration comes from, and how to read it as often as somebody wants. */
export interface ConfigurationSource {
  /** Absolute; null where the built-in defaults hold. */
  file: string | null;
  /** What stands in the file; undefined where there is none. */
  text(): Promise<string | undefined>;
  /** With a text, that stands in the file's place. */
  load(text?: string): Promise<Configuration>;
}

/** The configuration that this command line means: the file named, else `./footman.yaml`, else what is built in. */
export function configurationSource(
  { options, env }: Context,
  {
    listen,
    file = options.config ?? (existsSync('footman.yaml') ? 'footman.yaml' : undefined),
  }: Overrides = {},
): ConfigurationSource {
  const overrides = { data: options.data, listen };
  return {
    file: file === undefined ? null : resolve(file),
    text: async () => (file === undefined ? undefined : read(file)),
    async load(text) {
      const { loadConfiguration } = await import('#controller/config');
      return loadConfiguration({ file, text, env, overrides });
    },
  };
}

export function configurationFor(context: Context, overrides: Overrides = {}): Promise<Configuration> {
  return configurationSource(context, overrides).load();
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FootmanError('configuration-invalid', `cannot read the configuration ${file}`, { cause });
  }
}
