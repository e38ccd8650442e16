import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { FootmanError } from '#shared/errors';

const ROOT = resolve(import.meta.dirname, '../..');

/** The agent as one bundled file; in a checkout it is made when it is missing or older than its sources. */
export async function ensureAgentFile(): Promise<string> {
  const bundle = join(ROOT, 'dist', 'agent.mjs');
  const builder = join(ROOT, 'scripts', 'build-agent.ts');
  const made = await modified(bundle);
  const inCheckout = (await modified(builder)) !== undefined;
  if (inCheckout && (made === undefined || made < (await newestSource()))) await build(builder);
  return bundle;
}

async function modified(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return undefined;
  }
}

async function newestSource(): Promise<number> {
  let newest = 0;
  for await (const file of glob('{agent,shared}/**/*.ts', { cwd: ROOT })) {
    newest = Math.max(newest, (await modified(join(ROOT, file))) ?? 0);
  }
  return newest;
}

async function build(builder: string): Promise<void> {
  const child = spawn(process.execPath, [builder], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (code === 0) return;
  throw new FootmanError('host-unfit', `the agent could not be bundled: ${complaint.trim()}`, {
    hint: '`npm ci` installs what it takes; `npm run build` tries again',
  });
}
