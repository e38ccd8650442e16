import type { Configuration } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { stringify } from 'yaml';
import type { Client } from '../client/index.ts';
import { configurationSource, connectToRunning } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { printOutlook } from './config-outlook.ts';

export async function reloadConfiguration(context: Context): Promise<number> {
  const outlook = await withRunning(context, ({ operations }) => operations.reloadConfiguration());
  if (outlook === undefined) {
    throw new FootmanError(
      'controller-unreachable',
      'there is no controller that could reload its configuration',
      {
        hint: '`footman serve` starts one',
      },
    );
  }
  const { out, options } = context;
  if (options.json === true) {
    await printJson(context, outlook);
    return 0;
  }
  await printOutlook(context, outlook);
  const { length } = outlook.changes.filter(({ takes }) => takes === 'now');
  const what = `${length} ${length === 1 ? 'change is' : 'changes are'} in force`;
  await out.write(length === 0 ? 'there was nothing to change without a restart\n' : `${what}\n`);
  return 0;
}

/** As YAML, in the file's own keys. */
export async function showConfiguration(context: Context): Promise<number> {
  const running = await withRunning(context, ({ operations }) => operations.configuration());
  const shown = running ?? (await wouldRun(context));
  if (context.options.json === true) await printJson(context, shown);
  else await context.out.write(`# ${shown.file ?? 'built-in defaults'}\n${stringify(shown.document)}`);
  return 0;
}

async function wouldRun(context: Context): Promise<Configuration> {
  const source = configurationSource(context);
  const { hideSecrets, toDocument } = await import('#controller/config');
  return { file: source.file, document: hideSecrets(toDocument(await source.load())) };
}

/** Undefined where no controller runs. */
async function withRunning<T>(context: Context, ask: (client: Client) => Promise<T>): Promise<T | undefined> {
  const connection = await connectToRunning(context);
  if (connection === undefined) return undefined;
  try {
    return await ask(connection.client);
  } finally {
    await connection.close();
  }
}
