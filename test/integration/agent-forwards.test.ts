import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ChannelUse } from '#shared/protocol';
import { buildAgent } from '#test/agent-process';
import { holdAgent } from '#test/held-agent-fixture';

beforeAll(buildAgent);

describe('a connection from the node', () => {
  test('carries both directions, each to its own end', async () => {
    await using node = await holdAgent();
    const bytes = randomBytes(3 * 1024 * 1024);
    await using echo = await listen((socket) => {
      const digest = createHash('sha256');
      socket.on('data', (piece: Buffer) => digest.update(piece));
      // It answers only after the end of the question.
      socket.on('end', () => socket.end(digest.digest('hex')));
    });
    const channel = await node.open(toward(echo.port));
    await channel.write(bytes);
    channel.end();
    expect(await channel.closed).toBeUndefined();
    expect(channel.output().toString()).toBe(sha256(bytes));
  });

  test('goes on in one direction when the other has ended', async () => {
    await using node = await holdAgent();
    const got = Promise.withResolvers<string>();
    await using server = await listen((socket) => {
      socket.end('hello');
      socket.once('data', (piece: Buffer) => got.resolve(piece.toString()));
    });
    const channel = await node.open(toward(server.port));
    await node.peer.until(() => channel.hasEnded);
    expect(channel.output().toString()).toBe('hello');
    await channel.write('still here');
    expect(await got.promise).toBe('still here');
    channel.end();
    expect(await channel.closed).toBeUndefined();
  });

  test('that nobody answers says so', async () => {
    await using node = await holdAgent();
    const gone = await listen(() => undefined);
    await gone[Symbol.asyncDispose]();
    await expect(node.open(toward(gone.port))).rejects.toThrow(/can not connect to .*ECONNREFUSED/);
  });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function toward(port: number): ChannelUse {
  return { kind: 'forward', host: '127.0.0.1', port };
}

async function listen(serve: (socket: Socket) => void) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
