import { mkdir } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';

/** The home that a project's tests have, see vitest.config.ts. It is there for others that run beside, and is left. */
export async function setup({ config: { env } }: TestProject): Promise<void> {
  const { HOME: home } = env;
  if (home !== undefined) await mkdir(home, { recursive: true });
}
