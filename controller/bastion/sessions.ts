import type { Connection, ServerChannel, Session as SshSession } from 'ssh2';
import type { Session } from '#controller/access';
import { MAX_CHANNELS, type ChannelUse, type Pty } from '#shared/protocol';
import { mayPass, ptyOf, sizeOf } from './client-wishes.ts';
import type { Guest } from './guest.ts';
import { createLine, UNKNOWN_END, type Ending, type Line } from './line.ts';
import { sentenceFor } from './sentence.ts';

/** Shells, commands and file transfers. Agents and displays of the client are not forwarded: ssh2 refuses what nobody listens for. */
export function acceptSessions(connection: Connection, guest: Guest): void {
  let open = 0;
  connection.on('session', (accept, reject) => {
    if (open === MAX_CHANNELS) return reject();
    open += 1;
    const session = accept();
    session.once('close', () => (open -= 1));
    takeRequests(session, guest);
  });
}

function takeRequests(ssh: SshSession, guest: Guest): void {
  const closed = new AbortController();
  ssh.once('close', () => closed.abort());
  const gone = AbortSignal.any([guest.gone, closed.signal]);
  const env: Record<string, string> = {};
  let pty: Pty | null = null;
  let session: Session | undefined;

  ssh.on('env', (accept, reject, { key, val }) => {
    if (!mayPass(key, val, env)) return reject?.();
    env[key] = val;
    accept?.();
  });
  ssh.on('pty', (accept, _reject, info) => {
    pty = ptyOf(info);
    accept?.();
  });
  ssh.on('window-change', (accept, _reject, info) => {
    const size = sizeOf(info);
    if (pty !== null) pty = { ...pty, ...size };
    session?.channel.resize(size.columns, size.rows);
    accept?.();
  });
  ssh.on('signal', (accept, _reject, { name }) => {
    session?.channel.signal(name);
    accept?.();
  });
  ssh.on('shell', (accept) => serve(accept(), { kind: 'shell', pty, env }));
  ssh.on('exec', (accept, _reject, { command }) => serve(accept(), { kind: 'exec', command, pty, env }));
  ssh.on('subsystem', (accept, reject, { name }) => {
    if (name === 'sftp') serve(accept(), { kind: 'sftp' });
    else reject?.();
  });

  /** Undefined is the channel of a session that is used already. */
  function serve(channel: ServerChannel | undefined, use: ChannelUse): void {
    if (channel === undefined) return;
    const isTerminal = 'pty' in use && use.pty !== null;
    const line = createLine({ ...guest, channel, gone, isTerminal });
    guest.lines.add(line);
    void drive(channel, line, use).finally(() => guest.lines.delete(line));
  }

  async function drive(channel: ServerChannel, line: Line, use: ChannelUse): Promise<void> {
    const asked = pty;
    try {
      session = await guest.access.open({ ...guest, use }, gone);
      // The window may have changed while it was opened.
      if (pty !== null && pty !== asked) session.channel.resize(pty.columns, pty.rows);
      await line.carry(session);
      await line.close(await endingOf(session, use, channel));
    } catch (error) {
      if (!gone.aborted) await line.close({ sentence: sentenceFor(error, guest.logger), exit: UNKNOWN_END });
    }
  }

  async function endingOf(
    { channel, cut }: Session,
    use: ChannelUse,
    client: ServerChannel,
  ): Promise<Ending> {
    const end = await channel.ended;
    if (cut.aborted) return { sentence: sentenceFor(cut.reason, guest.logger), exit: UNKNOWN_END };
    const exit = end?.exit ?? end?.signal;
    if (exit !== null && exit !== undefined) return { exit };
    // A server of files has no process: it is over when the client has no more to say.
    if (use.kind === 'sftp' && client.readableEnded) return { exit: 0 };
    return { sentence: 'the connection to the node was lost', exit: UNKNOWN_END };
  }
}
