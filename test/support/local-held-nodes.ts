import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { HeldNodes, ProcessEnd } from '#controller/gateway';

/** Held nodes that are this machine: what is opened are processes on pipes. For tests of who uses them, without agents. */
export interface LocalHeldNodes extends HeldNodes {
  /** What terminals were told of their sizes. */
  sizes: string[];
  /** Processes that were opened and have not ended. */
  running(): number;
}

export function createLocalHeldNodes(): LocalHeldNodes {
  const sizes: string[] = [];
  let running = 0;
  return {
    sizes,
    running: () => running,
    isConnected: () => true,
    facts: () => null,
    pack: () => Promise.resolve(),
    async open(_nodeId, use) {
      const command = use.kind === 'exec' ? use.command : 'exec sh -s';
      const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'pipe', 'ignore'] });
      await once(child, 'spawn');
      running += 1;
      const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd | null>();
      child.once('close', (exit, signal) => {
        running -= 1;
        resolve({ exit, signal: signal?.slice('SIG'.length) ?? null });
      });
      // The types know web streams only here.
      const stream = Duplex.from({ readable: child.stdout, writable: child.stdin } as never);
      const close = (): void => {
        child.kill('SIGKILL');
        stream.destroy();
      };
      return {
        stream,
        stderr: Duplex.from([]),
        ended,
        resize: (columns, rows) => void sizes.push(`${columns}x${rows}`),
        signal: () => undefined,
        close,
      };
    },
  };
}
