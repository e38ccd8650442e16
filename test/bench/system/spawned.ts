import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program to its end, with more in its environment; rejects unless it succeeds. */
export async function spawned(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(file, args, { stdio: 'ignore', env: { ...process.env, ...environment } });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`${file} ended with ${code ?? signal}`);
}
