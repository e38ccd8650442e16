import type { Connection, TcpipRequestInfo, ServerChannel } from 'ssh2';
import { createLine } from './line.ts';
import type { Guest } from './guest.ts';

const MAX_HOST_CHARACTERS = 256;

/** Connections from the node to wherever the client says: `ssh -L`, `-D`, `-W`. */
export function acceptForwardings(connection: Connection, guest: Guest): void {
  connection.on('tcpip', (accept, reject, to) => {
    if (!isPlace(to)) return reject();
    forward(guest, to, accept).catch((error: unknown) => {
      guest.logger.debug({ err: error, hold: guest.holdId }, 'a forwarding was refused');
      reject();
    });
  });
}

async function forward(
  { access, clock, holdId, who, peer, gone, lines, touch }: Guest,
  { destIP: host, destPort: port }: TcpipRequestInfo,
  accept: () => ServerChannel,
): Promise<void> {
  const session = await access.open({ holdId, use: { kind: 'forward', host, port }, who, peer }, gone);
  const channel = accept();
  const closed = new AbortController();
  channel.once('close', () => closed.abort());
  const line = createLine({
    channel,
    clock,
    gone: AbortSignal.any([gone, closed.signal]),
    isTerminal: false,
    touch,
  });
  lines.add(line);
  try {
    await line.carry(session);
    // The other direction may still have something to say.
    channel.eof();
    await session.channel.ended;
  } finally {
    await line.close({});
    lines.delete(line);
  }
}

function isPlace({ destIP: host, destPort: port }: TcpipRequestInfo): boolean {
  return host.length > 0 && host.length <= MAX_HOST_CHARACTERS && port > 0 && port < 65_536;
}
