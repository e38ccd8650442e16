import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { readKeys } from '../holds/index.ts';
import { printTable } from '../print-table.ts';
import { formatTime } from '../terminal/index.ts';

/** Registers public keys for the caller's own holds. */
export async function addProfileKeys(context: Context, file: string): Promise<number> {
  const lines = await readKeys([file]);
  const keys = await withClient(context, async ({ people }) => {
    const added = [];
    for (const line of lines) added.push(await people.addKey(line));
    return added;
  });
  if (context.options.json === true) await printJson(context, { keys });
  else
    for (const { fingerprint } of keys)
      await context.out.write(`${fingerprint} opens your holds from now on\n`);
  return 0;
}

/** Columns: fingerprint, comment, since when. */
export async function listProfileKeys(context: Context): Promise<number> {
  const list = await withClient(context, ({ people }) => people.keys());
  await printTable(context, list, {
    header: ['fingerprint', 'comment', 'added'],
    rows: list.keys.map(({ fingerprint, comment, addedAt }) => [fingerprint, comment, formatTime(addedAt)]),
    none: `${list.owner} has no keys.`,
  });
  return 0;
}

export async function removeProfileKey(context: Context, fingerprint: string): Promise<number> {
  const key = await withClient(context, ({ people }) => people.removeKey(fingerprint));
  if (context.options.json === true) await printJson(context, key);
  else
    await context.out.write(
      `${key.fingerprint} opens no holds to come; those that it was let into keep it until it is revoked\n`,
    );
  return 0;
}
