import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { Pty } from '#shared/protocol';
import type { Environment } from '../steps/index.ts';
import { openPty, type Libc } from '../system/index.ts';
import { openProcessPipes } from './process-pipes.ts';

/** What is to run, and where. */
export interface Program {
  /** The shell, and its arguments. */
  command: readonly [string, ...string[]];
  folder: string;
  environment: Environment;
}

/** What a process is talked to by. */
interface Ends {
  readonly input: Writable;
  readonly output: Socket;
  /** None beside a terminal. */
  readonly errors: Socket | null;
  /** Drops all of these. Whoever has the terminal gets SIGHUP. */
  hangUp(): void;
}

/** A process with its ends: the leader of a session and a process group of its own. It has no process id if it could not be started. */
export interface Launched extends Ends {
  readonly child: ChildProcess;
  resize(columns: number, rows: number): void;
  /** The process group in the foreground of the terminal. */
  foreground(): number | undefined;
}

/** A session leader that opens a terminal has it as its own from then on. */
const WITH_TERMINAL = ['/bin/sh', '-c', 'exec <>"$0" >&0 2>&0; exec "$@"'] as const;

/** @throws Error where no more files can be open, or the command is too long for the system */
export function launchWithPipes(program: Program, libc: Libc): Launched {
  const { given, closeGiven, input, output, errors } = openProcessPipes(libc);
  const ends = { input, output, errors, hangUp: () => drop(input, output, errors) };
  try {
    const child = start(program, [...given], ends);
    return { ...ends, child, resize: () => undefined, foreground: () => undefined };
  } finally {
    closeGiven();
  }
}

/** @throws Error where the node has no terminals, or the command is too long for the system */
export function launchWithTerminal(program: Program, size: Pty): Launched {
  const { path, screen, keyboard, resize, foreground } = openPty(size);
  const ends = { input: keyboard, output: screen, errors: null, hangUp: () => drop(keyboard, screen) };
  const environment = { ...program.environment, TERM: size.term };
  const command = [...WITH_TERMINAL, path, ...program.command] as const;
  const child = start({ ...program, command, environment }, 'ignore', ends);
  return { ...ends, child, resize: (columns, rows) => resize({ columns, rows }), foreground };
}

function start(
  { command, folder, environment }: Program,
  stdio: StdioOptions,
  { hangUp }: Ends,
): ChildProcess {
  const [file, ...args] = command;
  try {
    return spawn(file, args, { cwd: folder, env: environment, detached: true, stdio });
  } catch (error) {
    hangUp();
    throw error;
  }
}

function drop(...ends: readonly Writable[]): void {
  for (const end of ends) end.destroy();
}
