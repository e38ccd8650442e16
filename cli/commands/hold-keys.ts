import { FootmanError } from '#shared/errors';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { readKeys } from '../holds/index.ts';

interface AddOptions {
  key: string[];
  user?: string;
}

/** Lets public keys in. */
export async function addHoldKeys(context: Context, id: string, { key, user }: AddOptions): Promise<number> {
  const lines = await readKeys(key);
  const keys = await withClient(context, async ({ holds }) => {
    const added = [];
    for (const line of lines) {
      const { keys: some } = await holds.addKey(id, {
        key: line,
        ...(user === undefined ? {} : { login: user }),
      });
      added.push(...some);
    }
    return added;
  });
  if (context.options.json === true) await printJson(context, { keys });
  else for (const { fingerprint } of keys) await context.out.write(`${fingerprint} opens hold ${id}\n`);
  return 0;
}

/** Takes a key back, by its id or its fingerprint, and ends what it has open. */
export async function revokeHoldKey(context: Context, id: string, name: string): Promise<number> {
  const keys = await withClient(context, async ({ holds }) => {
    const revoked = [];
    for (const key of await keysNamed(holds, id, name)) revoked.push(await holds.revokeKey(id, key));
    return revoked;
  });
  if (context.options.json === true) await printJson(context, { keys });
  else
    for (const { fingerprint } of keys) await context.out.write(`${fingerprint} opens hold ${id} no more\n`);
  return 0;
}

/** A fingerprint may stand for several, each of another account. */
async function keysNamed(holds: Client['holds'], id: string, name: string): Promise<string[]> {
  const { keys } = await holds.keys(id);
  const named = keys.filter((key) => key.revokedAt === null && [key.id, key.fingerprint].includes(name));
  if (named.length > 0) return named.map((key) => key.id);
  throw new FootmanError('not-found', `hold ${id} lets in no key ${name}`, {
    hint: `footman hold show ${id} lists its keys`,
  });
}
