import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Told } from './messages.ts';

/** The least that can hold a WebSocket: it answers the first message and keeps nothing. It ends with the process that started it. */

process.once('disconnect', () => process.exit());
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.once('message', () => socket.send('{"type":"welcome"}'));
});
server.once('listening', () => {
  const told: Told = { port: (server.address() as AddressInfo).port };
  process.send?.(told);
});
