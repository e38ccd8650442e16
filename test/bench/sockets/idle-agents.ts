import { once } from 'node:events';
import { PROTOCOL_VERSION, type AgentMessageOf } from '#shared/protocol';
import { WebSocket } from 'ws';
import { inLanes } from '../sampling.ts';
import type { Dial, Told } from './messages.ts';

/**
 * A process of agents that never get work: for each token it dials, says hello, waits for the answer, and from then on only answers pings.
 * It ends with the process that started it.
 */

const AT_A_TIME = 16;
const FACTS = {
  os: 'Debian GNU/Linux 12 (bookworm)',
  architecture: 'x64',
  kernel: '6.1.0-32-cloud-amd64',
  hostname: 'idle-agent',
  cpus: 2,
  memoryBytes: 4 * 1024 ** 3,
  diskFreeBytes: 20 * 1024 ** 3,
  diskBytes: 20 * 1024 ** 3,
  osId: null,
  osVersion: null,
  virtualization: null,
  bootId: null,
};

process.once('disconnect', () => process.exit());
process.once('message', (dial: Dial) => {
  dialAll(dial).then(
    () => tell({ connected: dial.tokens.length }),
    (error: unknown) => tell({ failed: String(error) }),
  );
});

async function dialAll({ url, tokens }: Dial): Promise<void> {
  const waiting = [...tokens];
  await inLanes(tokens.length, AT_A_TIME, () => dialOne(url, waiting.pop() ?? ''));
}

async function dialOne(url: string, token: string): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.once('close', (code, reason) =>
    tell({ failed: `a socket was closed: ${code} ${reason.toString()}` }),
  );
  const hello: AgentMessageOf<'hello'> = {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    token,
    agentVersion: '0.1.0',
    facts: FACTS,
  };
  socket.send(JSON.stringify(hello));
  const [answer] = (await once(socket, 'message')) as [Buffer];
  if (!answer.toString().includes('"welcome"')) throw new Error(`an agent was told ${answer.toString()}`);
}

function tell(told: Told): void {
  process.send?.(told);
}
