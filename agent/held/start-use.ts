import type { ChannelUse } from '#shared/protocol';
import type { Libc } from '../system/index.ts';
import type { Channel } from './channel.ts';
import { forward } from './forward.ts';
import { launchWithPipes, launchWithTerminal } from './launch.ts';
import { runProgram } from './run-program.ts';
import type { Use } from './use.ts';
import { findUserShell } from './user-shell.ts';
import type { World } from './world.ts';

/** What uses of channels need of the node. */
export interface UseDeps {
  world: World;
  libc: Libc;
  /** Processes whose exit status Node.js waits for. */
  children: Set<number>;
}

/** @throws Error that tells why the node can't do it */
export async function startUse(use: ChannelUse, channel: Channel, deps: UseDeps): Promise<Use> {
  switch (use.kind) {
    case 'forward':
      return forward(use, channel);
    case 'sftp':
      return { ended: serveFiles(channel, deps.world.folder()) };
    case 'shell':
    case 'exec':
      return startShell(use, channel, deps);
  }
}

/** Loaded with the first transfer. */
async function serveFiles({ stream, cut }: Channel, folder: string): Promise<null> {
  const { serveSftp } = await import('../sftp/index.ts');
  await serveSftp(stream, { folder, signal: cut });
  return null;
}

/** No login shell: what an image has for logins would set the step's variables anew. */
function startShell(
  use: ChannelUse & { kind: 'shell' | 'exec' },
  channel: Channel,
  { world, libc, children }: UseDeps,
): Promise<Use> {
  const shell = findUserShell();
  const program = {
    command: use.kind === 'shell' ? ([shell] as const) : ([shell, '-c', use.command] as const),
    folder: world.folder(),
    environment: { ...world.environment(), SHELL: shell, ...use.env },
  };
  if (use.pty === null) return runProgram(launchWithPipes(program, libc), channel, children);
  if (use.kind === 'shell') channel.stream.write(forTerminal(`${world.banner()}\n`));
  return runProgram(launchWithTerminal(program, use.pty), channel, children);
}

/** Lines for a terminal, and nothing that would make it do anything else: somebody else may have written some of them. */
function forTerminal(lines: string): string {
  return lines.replaceAll(/[^\P{Cc}\n]/gu, '').replaceAll('\n', '\r\n');
}
