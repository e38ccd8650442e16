import type { Secret } from '#controller/api';
import { CATALOGUE } from '#shared/errors';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { readValue, scopeOf, type ScopeOptions, type ValueOptions } from '../secrets/index.ts';
import { formatTable, formatTime } from '../terminal/index.ts';

export interface SetOptions extends ScopeOptions, ValueOptions {
  debug: 'allow' | 'deny';
}

export async function setSecret(context: Context, name: string, options: SetOptions): Promise<number> {
  const scope = scopeOf(options);
  const value = await readValue(context, name, options);
  const secret = await withClient(context, ({ secrets }) =>
    secrets.set(name, { scope, value, debug: options.debug }),
  );
  await report(context, secret, 'is set');
  return 0;
}

/** Columns: name, scope, debug policy, when it was set last. */
export async function listSecrets(context: Context): Promise<number> {
  const list = await withClient(context, ({ secrets }) => secrets.list());
  if (context.options.json === true) {
    await printJson(context, list);
    return 0;
  }
  const { out, style } = context;
  const rows = list.secrets.map(({ name, scope, debug, updatedAt }) => [
    name,
    scope,
    debug,
    formatTime(updatedAt),
  ]);
  if (rows.length === 0 && out.isTerminal) await out.write('There are no secrets.\n');
  const header = ['name', 'scope', 'debug', 'set'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  return 0;
}

export async function removeSecret(context: Context, name: string, options: ScopeOptions): Promise<number> {
  const scope = scopeOf(options);
  const secret = await withClient(context, ({ secrets }) => secrets.remove({ scope, name }));
  await report(context, secret, 'is removed');
  return 0;
}

/** Fails when there are secrets that nobody can read any more, and names them. */
export async function rotateSecrets(context: Context): Promise<number> {
  const rotation = await withClient(context, ({ secrets }) => secrets.rotate());
  const { key, moved, unreadable } = rotation;
  const { out, err } = context;
  if (context.options.json === true) await printJson(context, rotation);
  else await out.write(`${moved} secret${moved === 1 ? ' is' : 's are'} sealed with the new key ${key}\n`);
  for (const { scope, name } of unreadable) {
    await err.write(`the key of ${name} (${scope}) is lost: set it again\n`);
  }
  return unreadable.length === 0 ? 0 : CATALOGUE['secret-unreadable'].exit;
}

async function report(context: Context, secret: Secret, what: string): Promise<void> {
  if (context.options.json === true) await printJson(context, secret);
  else await context.out.write(`${secret.name} (${secret.scope}) ${what}\n`);
}
