import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FootmanError } from '#shared/errors';

export interface Program {
  file: string;
  args: readonly string[];
  /** Given on its standard input; nothing unless given. What is secret belongs here, never among `args`. */
  input?: string | Buffer;
  /** Its variables; nothing but where programs are unless given: the controller's own may be secrets. */
  env?: NodeJS.ProcessEnv;
  folder?: string;
  /** Debian's package that has it, for the hint where it is missing. */
  package?: string;
}

/** The end of what a program said on its standard error, in characters, that an error repeats. */
const MOST_ERROR = 4096;
const MOST_OUTPUT = 4 * 1024 * 1024;
/** How long a killed program is waited for, in milliseconds. */
const KILL_MS = 5000;
/** How long what the program left behind may hold its output open, in milliseconds. */
const PIPES_MS = 500;

/**
 * Runs the program to its end and returns what it printed. It is killed when the signal aborts, with all of its process group, and the signal's
 * reason thrown.
 *
 * @throws FootmanError `host-unfit` where the program is not installed, `internal` with the end of its standard error where it fails
 */
export async function runProgram(program: Program, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const { file, args, input, env = { PATH: process.env['PATH'] }, folder } = program;
  const child = spawn(file, args, {
    ...(folder !== undefined && { cwd: folder }),
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // The leader of a process group.
    detached: true,
  });
  // One that has become root may not be ours to kill.
  const stuck = Promise.withResolvers<never>();
  let impatience: NodeJS.Timeout | undefined;
  const kill = (): void => {
    killGroup(child.pid);
    impatience = setTimeout(() => stuck.reject(signal.reason), KILL_MS);
  };
  let patience: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    patience = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, PIPES_MS);
  });
  signal.addEventListener('abort', kill, { once: true });
  const output: Buffer[] = [];
  let outputBytes = 0;
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    outputBytes += bytes.length;
    if (outputBytes <= MOST_OUTPUT) output.push(bytes);
  });
  child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-MOST_ERROR)));
  // A program that does not read its input, or is killed while it does, tells so by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const closed = once(child, 'close').catch((cause: unknown) => missing(program, cause));
    const [code, killedBy] = (await Promise.race([closed, stuck.promise])) as [
      number | null,
      NodeJS.Signals | null,
    ];
    signal.throwIfAborted();
    if (code === 0) return Buffer.concat(output).toString();
    const end = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`;
    throw new FootmanError('internal', `${file} ${end}: ${said.trim() || 'it said nothing'}`);
  } finally {
    clearTimeout(patience);
    clearTimeout(impatience);
    signal.removeEventListener('abort', kill);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended, or it is another user's.
  }
}

function missing({ file, package: name }: Program, cause: unknown): never {
  throw new FootmanError('host-unfit', `${file} could not be started`, {
    ...(name !== undefined && { hint: `on Debian: apt-get install ${name}` }),
    cause,
  });
}
