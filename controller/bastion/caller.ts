import type { Socket } from 'node:net';
import type { AuthContext, Connection } from 'ssh2';
import type { Access, Watch } from '#controller/access';
import { clockSleep, type Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';
import { formatDuration } from '#shared/quantity';
import { authenticate, type Entered } from './authenticate.ts';
import type { Visit } from './doorman.ts';
import { acceptForwardings } from './forwarding.ts';
import type { Guest } from './guest.ts';
import { UNKNOWN_END, type Line } from './line.ts';
import { sentenceFor } from './sentence.ts';
import { acceptSessions } from './sessions.ts';

/** One connection: a stranger's first, and a guest's from when a key has opened a hold. */
export interface Caller {
  /** It speaks SSH. */
  greet(connection: Connection): void;
  /** Tells all that is open on it why, and hangs up. */
  end(sentence: string): Promise<void>;
}

interface Deps {
  access: Access;
  clock: Clock;
  logger: Logger;
  socket: Socket;
  visit: Visit;
  peer: string;
  idleMs: number;
}

const LOGIN_GRACE_MS = 30_000;
const MAX_TRIES = 6;
/** For the goodbye to be read. */
const LINGER_MS = 2_000;

export function createCaller({ access, clock, logger, socket, visit, peer, idleMs }: Deps): Caller {
  const left = new AbortController();
  const lines = new Set<Line>();
  let connection: Connection | undefined;
  let entered: Entered | undefined;
  let tries = 0;
  let usedAt = clock.now();
  let callOff = clock.after(LOGIN_GRACE_MS, () => {
    visit.failed();
    socket.destroy();
  });
  socket.once('close', () => {
    callOff();
    // Who tries several keys, of which one is right, has not failed.
    if (entered === undefined && tries > 0) visit.failed();
    visit.over();
    left.abort();
  });

  return {
    greet(ssh) {
      connection = ssh;
      // The close that follows tells all there is to know.
      ssh.on('error', () => undefined);
      ssh.on('authentication', (context) => void decide(ssh, context));
      ssh.once('ready', () => welcome(ssh));
      socket.on('data', endFlood);
    },
    end,
  };

  async function decide(ssh: Connection, context: AuthContext): Promise<void> {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    const answer = await authenticate(access, context).catch((error: unknown) => {
      logger.error({ err: error }, 'a login at the bastion could not be judged');
      return 'refused' as const;
    });
    if (answer === 'refused') {
      tries += 1;
      context.reject(['publickey']);
      if (tries >= MAX_TRIES) ssh.end();
      return;
    }
    if (answer !== 'asked') entered = answer;
    context.accept();
  }

  function welcome(ssh: Connection): void {
    if (entered === undefined) return void socket.destroy();
    const { holdId, door } = entered;
    const who = { name: door.fingerprint, fingerprint: door.fingerprint };
    visit.over();
    callOff();
    armIdle();
    logger.info({ hold: holdId, key: door.fingerprint, peer }, 'somebody logged in at the bastion');
    const gone = left.signal;
    const guest: Guest = { access, clock, logger, holdId, who, peer, gone, lines, touch };
    acceptSessions(ssh, guest);
    acceptForwardings(ssh, guest);
    // A connection without anything open on it ends with the hold, too.
    access.watch(holdId, who).then(keep, (error: unknown) => end(sentenceFor(error, logger)));
  }

  function keep({ cut, end: stopWatching }: Watch): void {
    const hangUp = (): void => void end(sentenceFor(cut.reason, logger));
    left.signal.addEventListener('abort', stopWatching, { once: true });
    cut.addEventListener('abort', hangUp, { once: true });
    if (left.signal.aborted) stopWatching();
    if (cut.aborted) hangUp();
  }

  function touch(): void {
    usedAt = clock.now();
  }

  function armIdle(): void {
    callOff = clock.after(usedAt + idleMs - clock.now(), () => {
      if (clock.now() - usedAt < idleMs) armIdle();
      else void end(`nothing went over this connection for ${formatDuration(idleMs)}`);
    });
  }

  /** ssh2 takes what a client sends beyond its window. */
  function endFlood(): void {
    for (const line of lines) if (line.isFlooded()) socket.destroy();
  }

  async function end(sentence: string): Promise<void> {
    const open = [...lines];
    const told = Promise.all(open.map((line) => line.close({ sentence, exit: UNKNOWN_END })));
    await Promise.race([told, clockSleep(clock, LINGER_MS, left.signal)]);
    // A client hangs up by itself when it has read why; told to before that, it leaves without a word.
    if (open.length > 0) await clockSleep(clock, LINGER_MS, left.signal);
    connection?.end();
    const giveUp = clock.after(LINGER_MS, () => socket.destroy());
    left.signal.addEventListener('abort', giveUp, { once: true });
    if (entered === undefined) socket.destroy();
  }
}
