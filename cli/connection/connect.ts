import { resolve } from 'node:path';
import type { Configuration } from '#controller/config';
import { FootmanError } from '#shared/errors';
import { createClient, type Client } from '../client/index.ts';
import type { Context } from '../context.ts';
import { configurationFor } from './configuration.ts';
import { readToken, runningController } from './endpoint.ts';

/** A controller to talk to. */
export interface Connection {
  client: Client;
  /** The controller inside this process, where there was none to talk to. */
  embedded?: { data: string; drain(signal: AbortSignal): Promise<void> };
  close(): Promise<void>;
}

/**
 * Connects to the controller that the command line or the environment names; else to the one that runs on the data folder; else to one that
 * is started for this command. It is the same API in all three cases.
 *
 * @param isPlacing whether one that is started gives nodes to jobs and fills pools
 */
export async function connect(
  context: Context,
  { isPlacing = true }: { isPlacing?: boolean } = {},
): Promise<Connection> {
  const found = await findController(context);
  if ('client' in found) return found;
  const { embed } = await import('./embed.ts');
  const { client, drain, close } = await embed(found, { isPlacing });
  return { client, embedded: { data: found.data, drain }, close };
}

/** The same, but undefined where one would have to be started. */
export async function connectToRunning(context: Context): Promise<Connection | undefined> {
  const found = await findController(context);
  return 'client' in found ? found : undefined;
}

/** Resolves with the configuration to start one with, where there is none to talk to. */
async function findController(context: Context): Promise<Connection | Configuration> {
  const { options, env } = context;
  const url = options.controller ?? env['FOOTMAN_URL'];
  if (url !== undefined && url !== '') return remote(url, env);

  const known = options.data === undefined ? undefined : await runningController(resolve(options.data));
  if (known !== undefined) return plain(createClient(known));
  const configuration = await configurationFor(context);
  const running = await runningController(configuration.data);
  return running === undefined ? configuration : plain(createClient(running));
}

async function remote(url: string, env: NodeJS.ProcessEnv): Promise<Connection> {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new FootmanError('request-invalid', `${url} is no URL of a controller`, {
      hint: 'it looks like http://host:8080',
    });
  }
  return plain(createClient({ url, token: await tokenFrom(env) }));
}

/** Never from the command line, where every user of the machine can read it. */
async function tokenFrom(env: NodeJS.ProcessEnv): Promise<string> {
  const { FOOTMAN_TOKEN: token, FOOTMAN_TOKEN_FILE: file } = env;
  if (token !== undefined && token !== '') return token;
  if (file !== undefined && file !== '') {
    try {
      return await readToken(file);
    } catch (cause) {
      throw new FootmanError('unauthenticated', `cannot read the token in ${file}`, { cause });
    }
  }
  throw new FootmanError('unauthenticated', 'a controller that is named by its URL wants a token', {
    hint: 'set FOOTMAN_TOKEN, or FOOTMAN_TOKEN_FILE to a file that holds it',
  });
}

function plain(client: Client): Connection {
  return {
    client,
    async close() {
      client.close();
    },
  };
}
