import { spawn } from 'node:child_process';
import { FootmanError } from '#shared/errors';
import { formatBytes, formatDuration } from '#shared/quantity';

export interface GitOptions {
  signal: AbortSignal;
  /** The bare repository to work in; git looks for none by itself. */
  repository?: string;
  /** Added to the environment: what must not stand on a command line. */
  env?: Readonly<Record<string, string>>;
  /** Milliseconds until it is ended. */
  timeoutMs?: number;
  /** Most that it may print, in bytes. */
  maxBytes?: number;
}

/** How git ended. */
interface Ended {
  code: number | null;
  stdout: Buffer;
  /** Its own words, for people; never the values of the environment. */
  stderr: string;
}

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_WORDS = 8 * 1024;
/** Between asking git to end and making it. */
const GRACE_MS = 2_000;

/**
 * Runs git on the controller, where a repository's content is never trusted: without hooks, without the settings of the user that runs the
 * controller, without questions, and with the protocols that the caller names alone. Settings of the machine (`/etc/gitconfig`: proxies,
 * certificates, safe directories) hold.
 *
 * @throws FootmanError `host-unfit` where it can't be run or takes too long; the signal's reason once that aborts.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<Ended> {
  const { signal, timeoutMs = TIMEOUT_MS, maxBytes = MAX_OUTPUT } = options;
  signal.throwIfAborted();
  const ended = Promise.withResolvers<number | null>();
  const child = spawn('git', args, {
    cwd: '/',
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: git's helpers (remote-https, ssh) go with it.
    detached: true,
  });
  let problem: FootmanError | undefined;
  const timer = setTimeout(() => stop(tooLong(args, timeoutMs)), timeoutMs);
  const onAbort = () => stop();
  signal.addEventListener('abort', onAbort, { once: true });
  let killer: NodeJS.Timeout | undefined;

  const stdout: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > maxBytes) stop(tooMuch(args, maxBytes));
    else stdout.push(piece);
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_WORDS);
  });
  child.once('error', (cause) => {
    problem = new FootmanError('host-unfit', `cannot run git: ${cause.message}`, { cause });
    ended.resolve(null);
  });
  child.once('close', (code) => ended.resolve(code));
  try {
    const code = await ended.promise;
    signal.throwIfAborted();
    if (problem !== undefined) throw problem;
    return { code, stdout: Buffer.concat(stdout), stderr: stderr.trim() };
  } finally {
    clearTimeout(timer);
    clearTimeout(killer);
    signal.removeEventListener('abort', onAbort);
  }

  function stop(why?: FootmanError): void {
    problem ??= why;
    if (killer !== undefined) return;
    kill('SIGTERM');
    killer = setTimeout(() => kill('SIGKILL'), GRACE_MS);
  }

  function kill(name: NodeJS.Signals): void {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      // It has ended by itself.
    }
  }
}

/** What git prints. @throws FootmanError `host-unfit` with git's own words where it fails. */
export async function git(args: readonly string[], options: GitOptions): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(args, options);
  if (code === 0) return stdout;
  throw new FootmanError('host-unfit', `git ${args[0]}: ${stderr === '' ? `it ended with ${code}` : stderr}`);
}

/** The same as text without the last line break; undefined where git says no. */
export async function askGit(args: readonly string[], options: GitOptions): Promise<string | undefined> {
  const { code, stdout } = await runGit(args, options);
  return code === 0 ? stdout.toString('utf8').trimEnd() : undefined;
}

/** Git's answers in English, and nothing of the controller's own environment but what a network needs. */
const KEPT = [
  'PATH',
  'TMPDIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

const SETTINGS = {
  'core.hooksPath': '/dev/null',
  'credential.helper': '',
  'core.fsmonitor': 'false',
  'gc.autoDetach': 'false',
  'submodule.recurse': 'false',
};

function environment({ repository, env }: GitOptions): NodeJS.ProcessEnv {
  const kept = KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const settings = Object.entries(SETTINGS).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(settings),
    GIT_CONFIG_COUNT: String(Object.keys(SETTINGS).length),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    SSH_ASKPASS: '/bin/false',
    GIT_ALLOW_PROTOCOL: '',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    ...(repository === undefined ? {} : { GIT_DIR: repository }),
    ...env,
  };
}

function tooLong(args: readonly string[], ms: number): FootmanError {
  return new FootmanError('host-unfit', `git ${args[0]} took longer than ${formatDuration(ms)}`);
}

function tooMuch(args: readonly string[], bytes: number): FootmanError {
  return new FootmanError('host-unfit', `git ${args[0]} printed more than ${formatBytes(bytes)}`);
}
