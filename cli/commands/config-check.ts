import type { ConfigurationCheck } from '#controller/api';
import type { Problem } from '#shared/document';
import { CATALOGUE } from '#shared/errors';
import { configurationSource, connectToRunning } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatProblems } from '../pipelines/index.ts';
import { printOutlook } from './config-outlook.ts';

const INVALID = CATALOGUE['configuration-invalid'].exit;
const REFUSED = CATALOGUE.conflict.exit;

/** Tells every mistake of a configuration; of one without any, what it would change in the controller that runs, if one does. */
export async function checkConfiguration(context: Context, file: string | undefined): Promise<number> {
  const source = configurationSource(context, file === undefined ? {} : { file });
  const text = await source.text();
  const mistakes = await mistakesIn(() => source.load(text));
  if (mistakes.length > 0) return tellMistakes(context, mistakes, text);

  const check = await compare(context, text);
  const { out, options } = context;
  if (options.json === true) {
    await printJson(context, check ?? { problems: [], changes: [], effects: [] });
  } else if (check === undefined) {
    await out.write('no mistakes; no controller runs that it could be compared with\n');
  } else {
    await printOutlook(context, check);
    for (const { message } of check.problems) await out.write(`${message}\n`);
    if (check.problems.length === 0)
      await out.write(`no mistakes${isEqual(check) ? '; it is what runs' : ''}\n`);
  }
  return exitOf(check);
}

/** What is wrong with the file itself; what lies outside it is thrown on. */
async function mistakesIn(load: () => Promise<unknown>): Promise<readonly Problem[]> {
  const { ConfigurationMistakes } = await import('#controller/config');
  try {
    await load();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationMistakes) return error.problems;
    throw error;
  }
}

async function tellMistakes(
  context: Context,
  problems: readonly Problem[],
  text: string | undefined,
): Promise<number> {
  const { out, style, options } = context;
  if (options.json === true) await printJson(context, { problems, changes: [], effects: [] });
  else await out.write(formatProblems(problems, out.isTerminal ? { style, textOf: () => text } : { style }));
  return INVALID;
}

/** Undefined where no controller runs. */
async function compare(context: Context, text: string | undefined): Promise<ConfigurationCheck | undefined> {
  const connection = await connectToRunning(context);
  if (connection === undefined) return undefined;
  try {
    return await connection.client.operations.checkConfiguration(text);
  } finally {
    await connection.close();
  }
}

function isEqual({ changes }: ConfigurationCheck): boolean {
  return changes.length === 0;
}

function exitOf(check: ConfigurationCheck | undefined): number {
  if (check === undefined) return 0;
  if (check.problems.length > 0) return INVALID;
  return check.changes.some(({ takes }) => takes === 'refused') ? REFUSED : 0;
}
