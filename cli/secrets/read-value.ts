import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { FootmanError } from '#shared/errors';
import type { Context } from '../context.ts';
import { askHidden } from './ask.ts';

/** Where a secret's value comes from. Never from the command line, where every user of the machine can read it. */
export interface ValueOptions {
  fromFile?: string;
  fromEnv?: string;
}

/** Standard input loses one newline at its end, as `echo` puts it there; a file and a variable are taken as they are. */
export async function readValue(
  context: Context,
  name: string,
  { fromFile, fromEnv }: ValueOptions,
): Promise<string> {
  if (fromFile !== undefined) return decode(await contentOf(fromFile));
  if (fromEnv !== undefined) return variable(context, fromEnv);
  if (process.stdin.isTTY) return askHidden(context, `Value of ${name} (it is not shown): `);
  const value = decode(await buffer(process.stdin));
  if (!value.endsWith('\n')) return value;
  await context.err.write('footman: one newline at the end is left out\n');
  return value.replace(/\r?\n$/, '');
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FootmanError('not-found', `cannot read the file ${file}`, { cause });
  }
}

function variable({ env }: Context, name: string): string {
  const value = env[name];
  if (value !== undefined) return value;
  throw new FootmanError('not-found', `the environment variable ${name} is not set`);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FootmanError('request-invalid', 'the value is no UTF-8 text', {
      hint: 'encode it: base64 FILE | footman secret set NAME',
    });
  }
}
