import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  Bootstrap,
  PROTOCOL_VERSION,
  decodeControllerMessage,
  encodeLogHeader,
  type AgentMessage,
} from '#shared/protocol';
import { WebSocket } from 'ws';

/** The least of an agent: it reads its bootstrap, dials in, and runs scripts. It exits with its connection. */
for await (const line of createInterface(process.stdin)) dial(Bootstrap.parse(JSON.parse(line)));

function dial({ endpoint, token }: Bootstrap): void {
  const socket = new WebSocket(`ws+${endpoint}:/agent/v1`);
  socket.on('open', () => socket.send(JSON.stringify(hello(token))));
  socket.on('close', () => process.exit());
  socket.on('message', (data: Buffer) => {
    const message = decodeControllerMessage(data);
    if (message.type === 'step.start') run(message.script, socket);
  });
}

function run(script: string, socket: WebSocket): void {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const header = encodeLogHeader({ stream: 0, offset: 0, time: 0 });
  child.stdout.on('data', (bytes: Buffer) => socket.send(Buffer.concat([header, bytes])));
}

function hello(token: string): AgentMessage {
  const facts = { os: 'x', architecture: 'x', kernel: 'x', hostname: 'x' };
  const sizes = { cpus: 1, memoryBytes: 1, diskFreeBytes: 1, diskBytes: 1 };
  const unknown = { osId: null, osVersion: null, virtualization: null, bootId: null };
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    token,
    agentVersion: '0',
    facts: { ...facts, ...sizes, ...unknown },
  };
}
