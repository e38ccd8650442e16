import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import type { Client, ConnectConfig } from 'ssh2';
import { FootmanError } from '#shared/errors';
import { createConnection, type Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { createHostCheck, type HostCheck } from './host-check.ts';
import { titleOf } from './place.ts';

export interface Limits {
  /** How often a silent connection is asked for a sign of life, in milliseconds. */
  keepAliveMs: number;
  /** How long the machine may take for its first byte, in milliseconds. */
  greetMs: number;
}

/** From the first byte to the login, in milliseconds: machines without KVM are slow. */
const LOGIN_MS = 30_000;
/** So many questions without an answer, and the connection counts as lost. */
const MOST_UNANSWERED = 3;
/** Said by ssh2 where the two have no algorithm in common. */
const NOTHING_IN_COMMON = /no matching/;
const NO_HOST_KEY = /no matching host key format/;

/**
 * Logs in once.
 *
 * @throws FootmanError `cloud-refused` for a wrong host key or a refused login, and any other error for what may pass
 */
export async function connect(machine: Machine, limits: Limits, signal: AbortSignal): Promise<Connection> {
  const { default: ssh2 } = await import('ssh2');
  const check = await createHostCheck(machine);
  signal.throwIfAborted();
  const client = new ssh2.Client();
  const socket = connectSocket({ host: machine.host, port: machine.port, noDelay: true });
  const timer = setTimeout(() => {
    if (socket.bytesRead === 0) socket.destroy(new Error(`it said nothing for ${limits.greetMs} ms`));
  }, limits.greetMs);
  const abort = (): void =>
    void socket.destroy(new Error(socket.bytesRead === 0 ? 'it says nothing' : 'the login is under way'));
  signal.addEventListener('abort', abort, { once: true });
  // From the start: it may be lost before anybody asks, and an error may come after the one that is thrown.
  const connection = createConnection(client, titleOf(machine));
  try {
    const ready = once(client, 'ready');
    start(client, machine, { ...configuration(machine, check, limits), sock: socket });
    await Promise.race([ready, closed(client)]);
    await check.accepted();
    signal.throwIfAborted();
    return connection;
  } catch (error) {
    client.destroy();
    socket.destroy();
    throw explain(error, machine, check);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function configuration(machine: Machine, check: HostCheck, limits: Limits): ConnectConfig {
  return {
    username: machine.user,
    privateKey: machine.privateKey,
    authHandler: ['publickey'],
    algorithms: { serverHostKey: check.algorithms },
    hostVerifier: check.verify,
    readyTimeout: limits.greetMs + LOGIN_MS,
    keepaliveInterval: limits.keepAliveMs,
    keepaliveCountMax: MOST_UNANSWERED,
  };
}

/** @throws FootmanError `cloud-refused` where the private key can't be read */
function start(client: Client, machine: Machine, config: ConnectConfig): void {
  try {
    client.connect(config);
  } catch {
    // The cause may quote the key.
    const sentence = `the key for ${titleOf(machine)} is not a private key in OpenSSH's format without a passphrase`;
    throw new FootmanError('cloud-refused', sentence, { hint: 'ssh-keygen -t ed25519 makes one' });
  }
}

async function closed(client: Client): Promise<never> {
  await once(client, 'close');
  throw new Error('it ended the connection before the login');
}

function explain(error: unknown, machine: Machine, check: HostCheck): unknown {
  if (error instanceof FootmanError || !(error instanceof Error)) return error;
  const refusal = check.refusal(NO_HOST_KEY.test(error.message));
  if (refusal !== undefined) return refusal;
  if (NOTHING_IN_COMMON.test(error.message)) {
    const sentence = `${titleOf(machine)} speaks no SSH that is good enough: ${error.message}`;
    return new FootmanError('cloud-refused', sentence, { hint: 'bring its sshd up to date', cause: error });
  }
  if (!('level' in error) || error.level !== 'client-authentication') return error;
  return loginRefused(machine, error);
}

/** Cloud-init makes the user when sshd runs already. */
function loginRefused(machine: Machine, cause: Error): FootmanError {
  const sentence = `${titleOf(machine)} does not let ${machine.user} in with the controller's key`;
  const hint = `put the key's public half into ~${machine.user}/.ssh/authorized_keys on it`;
  return new FootmanError(machine.isBooting === true ? 'cloud-unavailable' : 'cloud-refused', sentence, {
    hint,
    cause,
  });
}
