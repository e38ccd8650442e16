import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openPty, type PtySize } from '../../agent/system/pty.ts';

/** A program in a terminal of its own, with somebody in front of it. */
export interface InTerminal {
  type(text: string): void;
  resize(size: PtySize): void;
  /** Resolves once the screen has shown the text since the last call that waited. */
  shown(text: string | RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, or 128 and the number of its signal, and all that the screen has shown. */
  ended: Promise<{ exit: number | null; screen: string }>;
}

interface Options {
  cwd: string;
  env: NodeJS.ProcessEnv;
  size?: PtySize;
}

/** A session leader that opens a terminal has it as its own from then on. */
const WITH_TERMINAL = 'exec <>"$0" >&0 2>&0; exec "$@"';

export function runInTerminal(
  command: readonly string[],
  { cwd, env, size = { columns: 100, rows: 30 } }: Options,
): InTerminal {
  const { path, screen, keyboard, resize } = openPty(size);
  const child = spawn('/bin/sh', ['-c', WITH_TERMINAL, path, ...command], {
    cwd,
    env,
    detached: true,
    stdio: 'ignore',
  });
  let all = '';
  let seen = 0;
  const changed = new EventTarget();
  screen.setEncoding('utf8').on('data', (text: string) => {
    all += text;
    changed.dispatchEvent(new Event('change'));
  });
  // Not by `once`, which takes the end of a terminal (EIO) for a failure.
  const closed = new Promise<void>((resolve) => {
    screen.once('close', resolve);
  });
  const ended = once(child, 'exit').then(async ([exit]) => {
    await closed;
    return { exit: exit as number | null, screen: all };
  });

  return {
    type: (text) => void keyboard.write(text),
    resize,
    kill: (signal) => void child.kill(signal),
    ended,
    async shown(wanted) {
      const over = ended.then(() => {
        if (find(wanted) === undefined) throw new Error(`it ended without showing ${wanted}: ${all}`);
      });
      over.catch(() => undefined);
      for (;;) {
        const found = find(wanted);
        if (found !== undefined) {
          seen = found.end;
          return found.text;
        }
        await Promise.race([once(changed, 'change'), over]);
      }
    },
  };

  function find(wanted: string | RegExp): { text: string; end: number } | undefined {
    const rest = all.slice(seen);
    const match = typeof wanted === 'string' ? { 0: wanted, index: rest.indexOf(wanted) } : wanted.exec(rest);
    if (match === null || match.index === -1) return undefined;
    return { text: match[0], end: seen + match.index + match[0].length };
  }
}
