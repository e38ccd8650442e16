import { readFile } from 'node:fs/promises';
import { codeOf } from './error-code.ts';

/** The file's value, or undefined when it is missing or cut short. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}
