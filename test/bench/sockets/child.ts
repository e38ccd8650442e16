import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Dial, Told } from './messages.ts';

/** A child process of the bench that is told what to dial, or serves. */
export interface SocketProcess extends AsyncDisposable {
  pid: number;
  send(dial: Dial): void;
  /** The next that it tells; rejects when that is a failure, or when it ends. */
  told(): Promise<Told>;
}

export function startIdleAgents(): SocketProcess {
  return control(fork(new URL('./idle-agents.ts', import.meta.url)));
}

export function startBareServer(): SocketProcess {
  return control(fork(new URL('./bare-server.ts', import.meta.url)));
}

function control(child: ChildProcess): SocketProcess {
  const gone = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    send: (dial) => void child.send(dial),
    async told() {
      const ended = gone.then((): never => {
        throw new Error('a process of sockets ended');
      });
      const [told] = (await Promise.race([once(child, 'message'), ended])) as [Told];
      if (told.failed !== undefined) throw new Error(told.failed);
      return told;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await gone;
    },
  };
}
