import { lookup } from 'node:dns/promises';

/**
 * Looks the name up as the programs of a job will: by the system's own resolver, with its hosts file and its search list.
 *
 * @throws Error that says why there is no address
 */
export async function resolveName(name: string): Promise<void> {
  try {
    await lookup(name);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new Error(`${name} does not resolve: ${REASONS[code] ?? code}`, { cause: error });
  }
}

const REASONS: Partial<Record<string, string>> = {
  ENOTFOUND: 'there is no such name (ENOTFOUND)',
  EAI_AGAIN: 'no name server answered (EAI_AGAIN)',
};
