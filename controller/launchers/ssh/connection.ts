import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2';
import { abortable } from '#shared/abortable';
import { FootmanError, messageOf } from '#shared/errors';
import { createTail } from './tail.ts';
import { createTurns } from './turns.ts';

/** A login on a machine. */
export interface Connection {
  /**
   * Runs a command by the login's shell, with `input` as its standard input, which ends with it only where it is a stream. One runs at a time: a machine may allow one session for a
   * connection. When the signal aborts, the command is killed as far as sshd can.
   */
  exec(command: string, input: string | Readable, signal: AbortSignal): Promise<Ended>;
  /** Copies a file over SFTP; false where there is no SFTP. What is there of the copy after a failure is the caller's to remove. */
  upload(file: string, path: string, signal: AbortSignal): Promise<boolean>;
  /** Listens on a Unix socket of the machine; whoever connects there comes out at `receive`. */
  listen(path: string, receive: (accept: () => ClientChannel, reject: () => void) => void): Promise<void>;
  readonly isOpen: boolean;
  /** Resolves with the reason when the connection is gone. */
  readonly lost: Promise<Error>;
  end(): void;
}

export interface Ended {
  /** Null where a signal ended it, or the machine does not tell. */
  code: number | null;
  /** The last 64 KiB of each. */
  output: string;
  errors: string;
}

const MOST_BYTES = 64 * 1024;
const SESSION = 'session';
/** As ssh2 says it. */
const NO_SESSION = /Channel open failure/;
const RETRY_MS = 20;
const MOST_TRIES = 100;
/** How long a goodbye may take, in milliseconds. */
const LAST_MS = 1000;

/** @param client about to log in */
export function createConnection(client: Client, title: string): Connection {
  const turns = createTurns();
  const lost = Promise.withResolvers<Error>();
  let isOpen = true;
  let reason = 'it ended the connection';
  client.on('error', (error) => (reason = error.message));
  client.once('close', () => {
    isOpen = false;
    const message = `the connection to ${title} is lost: ${reason}`;
    lost.resolve(new FootmanError('cloud-unavailable', message));
  });

  return {
    exec: (command, input, signal) => turns.take(SESSION, signal, () => exec(command, input, signal)),
    upload: (file, path, signal) => turns.take(SESSION, signal, () => upload(file, path, signal)),
    async listen(path, receive) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      client.on('unix connection', ({ socketPath }, accept, refuse) => {
        if (socketPath === path) receive(accept as () => ClientChannel, refuse);
        else refuse();
      });
      attempt(() => client.openssh_forwardInStreamLocal(path, (error) => settle(error, resolve, reject)));
      await whileOpen(promise);
    },
    get isOpen() {
      return isOpen;
    },
    lost: lost.promise,
    end() {
      client.end();
      // One that is dead would not end by itself.
      const timer = globalThis.setTimeout(() => client.destroy(), LAST_MS);
      client.once('close', () => clearTimeout(timer));
    },
  };

  async function exec(command: string, input: string | Readable, signal: AbortSignal): Promise<Ended> {
    const channel = await open<ClientChannel>((done) => client.exec(command, done), kill, signal);
    const abort = (): void => kill(channel);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await abortable(whileOpen(runToEnd(channel, input)), signal);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async function upload(file: string, path: string, signal: AbortSignal): Promise<boolean> {
    const sftp = await openSftp(signal);
    if (sftp === undefined) return false;
    const closed = new Promise<void>((resolve) => sftp.once('close', resolve));
    try {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // What is no SFTP at all ends the upload, not the controller.
      sftp.on('error', reject);
      sftp.fastPut(file, path, (error) => settle(error, resolve, reject));
      await abortable(whileOpen(promise), signal);
      return true;
    } finally {
      sftp.end();
      // The next session may be refused while this one is there.
      await abortable(whileOpen(closed), signal).catch(() => undefined);
    }
  }

  /** Undefined where sshd has no SFTP, or the login's shell says something that is not SFTP. */
  async function openSftp(signal: AbortSignal): Promise<SFTPWrapper | undefined> {
    try {
      return await open<SFTPWrapper>(
        (done) => client.sftp(done),
        (sftp) => sftp.on('error', () => undefined).end(),
        signal,
      );
    } catch (error) {
      if (!isOpen || signal.aborted) throw error;
      return undefined;
    }
  }

  /** Opens a session. A machine that allows one at a time may not have noticed yet that the last one has ended. */
  async function open<T>(
    ask: (done: (error: Error | undefined, session: T) => void) => void,
    drop: (session: T) => void,
    signal: AbortSignal,
  ) {
    for (let tries = 0; ; tries++) {
      const opened = Promise.withResolvers<T>();
      attempt(() => ask((error, session) => (error ? opened.reject(error) : opened.resolve(session))));
      try {
        return await abortable(whileOpen(opened.promise), signal);
      } catch (error) {
        // One that opens when nobody waits for it any more would keep its place.
        opened.promise.then(drop, () => undefined);
        if (tries === MOST_TRIES || !NO_SESSION.test(messageOf(error))) throw error;
      }
      await setTimeout(RETRY_MS, undefined, { signal });
    }
  }

  /** ssh2 throws by itself where the connection is gone. */
  function attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      throw new FootmanError('cloud-unavailable', `the connection to ${title} is lost: ${reason}`, { cause });
    }
  }

  async function whileOpen<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    return Promise.race([promise, lost.promise.then((error) => Promise.reject(error))]);
  }
}

function kill(channel: ClientChannel): void {
  channel.signal('KILL');
  channel.close();
}

function runToEnd(channel: ClientChannel, input: string | Readable): Promise<Ended> {
  const output = createTail(MOST_BYTES);
  const errors = createTail(MOST_BYTES);
  let code: number | null = null;
  channel.on('data', (bytes: Buffer) => output.add(bytes));
  channel.stderr.on('data', (bytes: Buffer) => errors.add(bytes));
  channel.on('exit', (exit: number | null) => (code = exit));
  // A command that does not read its input tells so by its exit code.
  channel.on('error', () => undefined);
  // What has been ended can't be sent a signal any more; commands of ours read no further than they need.
  if (typeof input === 'string') channel.write(input);
  else input.on('error', () => channel.close()).pipe(channel);
  return new Promise((resolve) => {
    channel.on('close', () => resolve({ code, output: output.text(), errors: errors.text() }));
  });
}

function settle(error: unknown, resolve: () => void, reject: (reason: Error) => void): void {
  if (error === undefined || error === null) resolve();
  else reject(error instanceof Error ? error : new Error(messageOf(error)));
}
