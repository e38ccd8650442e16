import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { Bootstrap } from '#shared/protocol';

/** An agent as a launcher starts it: the built file, its bootstrap line on standard input, and an environment of its own. */
export interface AgentProcess {
  readonly pid: number;
  /** What it wrote to its console. */
  console(): string;
  /** Closes the reading end of its console. */
  closeConsole(): void;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, or the name of the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

const ROOT = join(import.meta.dirname, '../..');

/** Builds the file that `startAgent` starts. */
export function buildAgent(): void {
  execFileSync(execPath, [join(ROOT, 'scripts/build-agent.ts')], { stdio: 'ignore' });
}

interface Options {
  /** The bootstrap line; nothing at all if it is left out. */
  bootstrap?: Bootstrap;
  env?: NodeJS.ProcessEnv;
}

export function startAgent({ bootstrap, env = {} }: Options): AgentProcess {
  const child = spawn(execPath, [join(ROOT, 'dist/agent.mjs')], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(bootstrap === undefined ? '' : `${JSON.stringify(bootstrap)}\n`);
  return {
    pid: child.pid ?? 0,
    console: () => output,
    closeConsole() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    kill: (signal) => void child.kill(signal),
    exited: once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals),
  };
}
