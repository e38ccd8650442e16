import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { TerminalTicket } from '#controller/api';
import { findHold, patchHold, sessionsOfHold, type Hold } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { holdOn } from '#test/api-hold';
import { startApiServer, type ApiServer } from '#test/api-server';
import { createLocalHeldNodes, type LocalHeldNodes } from '#test/local-held-nodes';
import { createClient, type Client, type Terminal } from '../../../cli/client/index.ts';
import { createHandClock, type HandClock } from '../../../controller/clock/test-support.ts';

const SIZE = { columns: 80, rows: 24 };

let api: ApiServer;
let clock: HandClock;
let nodes: LocalHeldNodes;
let client: Client;
let hold: Hold;

beforeEach(async () => {
  clock = createHandClock();
  nodes = createLocalHeldNodes();
  api = await startApiServer({ clock, heldNodes: nodes });
  client = createClient({ url: api.url, token: api.tokens.sign({ subject: 'ada', role: 'develop' }) });
  hold = await holdOn(api);
});
afterEach(async () => {
  client.close();
  await api.dispose();
});

describe('a terminal', () => {
  test('takes what is typed, shows what there is, and says how its process ended', async () => {
    const terminal = await run('read -r name; echo "hello $name"; exit 3');
    terminal.stream.write('ada\n');
    expect(await text(terminal.stream)).toBe('hello ada\n');
    expect(await terminal.ended).toEqual({ exit: 3, signal: null });
    const [session] = await sessionsOfHold(api.store.db, hold.id);
    expect(session).toMatchObject({ kind: 'exec', who: 'ada', peer: '127.0.0.1' });
    expect((await findHold(api.store.db, hold.id))?.used_at).not.toBeNull();
  });

  test('says by which signal', async () => {
    const terminal = await run('kill -KILL $$');
    expect(await text(terminal.stream)).toBe('');
    expect(await terminal.ended).toEqual({ exit: null, signal: 'KILL' });
  });

  test('is told its size', async () => {
    const terminal = await run('read -r _');
    terminal.resize(132, 50);
    terminal.stream.write('\n');
    await text(terminal.stream);
    expect(nodes.sizes).toEqual(['132x50']);
  });

  test('carries much, either way, byte for byte, at the pace of who reads', async () => {
    const bytes = randomBytes(16 * 1024 * 1024);
    const terminal = await run(`head -c ${bytes.length}`);
    const sent = (async () => {
      for (let at = 0; at < bytes.length; at += 60_000)
        if (!terminal.stream.write(bytes.subarray(at, at + 60_000))) await once(terminal.stream, 'drain');
    })();
    const seen = createHash('sha256');
    for await (const piece of terminal.stream as AsyncIterable<Buffer>) seen.update(piece);
    await sent;
    expect(seen.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('whose reader stands still waits, and ends with the connection', async () => {
    const terminal = await run('yes');
    await once(terminal.stream, 'readable');
    terminal.stream.destroy();
    await expect(terminal.ended).rejects.toMatchObject({ code: 'controller-unreachable' });
    await expect.poll(() => nodes.running()).toBe(0);
  });
});

describe('access ends', () => {
  test('with the hold, and the person reads why', async () => {
    const terminal = await shown('echo ready; exec sleep 1000');
    expect((await api.call(`/holds/${hold.id}`, deletion())).status).toBe(200);
    terminal.stream.resume();
    await expect(terminal.ended).rejects.toThrow('released by administrator');
    await expect.poll(() => nodes.running()).toBe(0);
  });

  test('also where the hold ends while the node opens the terminal', async () => {
    nodes.open = async () => {
      await api.call(`/holds/${hold.id}`, deletion());
      throw new FootmanError('node-unreachable', "the node's agent is gone");
    };
    const { said } = await dial((await ticket()).path);
    expect(await said).toMatchObject({ type: 'closed', message: expect.stringContaining('was released by') });
  });

  test('when its time is up', async () => {
    await patchHold(api.store.db, hold.id, { expires_at: clock.now() + 60_000 });
    const terminal = await shown('echo ready; exec sleep 1000');
    clock.pass(60_000);
    terminal.stream.resume();
    await expect(terminal.ended).rejects.toThrow('expired');
  });

  test('when nothing has happened for long', async () => {
    const terminal = await shown('echo ready; exec sleep 1000');
    clock.pass(11 * 60_000);
    terminal.stream.resume();
    await expect(terminal.ended).rejects.toThrow('nothing has happened here for 10m');
  });

  test('when the controller stops', async () => {
    const terminal = await shown('echo ready; exec sleep 1000');
    await api.closeTerminals();
    terminal.stream.resume();
    await expect(terminal.ended).rejects.toThrow('the controller stops');
  });

  test('for a client that gives no sign of life', async () => {
    const { path } = await ticket({ command: 'exec sleep 1000' });
    const { socket } = await dial(path, { autoPong: false });
    await expect.poll(() => nodes.running()).toBe(1);
    const closed = once(socket, 'close');
    for (let beat = 0; beat < 5; beat++) clock.pass(15_000);
    await closed;
    await expect.poll(() => nodes.running()).toBe(0);
  });
});

describe('a ticket', () => {
  test('is good once', async () => {
    const { path } = await ticket();
    const { socket } = await dial(path);
    await expect(dial(path)).rejects.toThrow('401');
    socket.terminate();
  });

  test('is good for moments', async () => {
    const { path, expiresAt } = await ticket();
    clock.pass(expiresAt - clock.now());
    await expect(dial(path)).rejects.toThrow('401');
  });

  test('that nobody gave opens nothing', async () => {
    for (const guess of ['', 'x', '../whoami', 'a'.repeat(10_000)])
      await expect(dial(`/api/v1/terminals/${guess}`)).rejects.toThrow(/401|hang up/);
    expect(nodes.running()).toBe(0);
  });

  test('does not survive the hold that it is for', async () => {
    const { path } = await ticket();
    await api.call(`/holds/${hold.id}`, deletion());
    const { said } = await dial(path);
    expect(await said).toMatchObject({ type: 'closed', code: 'conflict' });
    expect(nodes.running()).toBe(0);
  });
});

describe('a client that breaks the rules is cut off', () => {
  test.each([
    ['text that is no JSON', '{'],
    ['a size that no screen has', JSON.stringify({ type: 'resize', columns: 1e9, rows: 1 })],
    ['another request', JSON.stringify({ type: 'signal', signal: 'KILL' })],
  ])('%s', async (_, frame) => {
    const { socket, said } = await dial((await ticket({ command: 'exec sleep 1000' })).path);
    socket.send(frame);
    expect(await said).toMatchObject({ type: 'closed', code: 'protocol-violation' });
    await expect.poll(() => nodes.running()).toBe(0);
  });

  test('more in one frame than anybody types', async () => {
    const { socket } = await dial((await ticket({ command: 'exec cat' })).path);
    const closed = once(socket, 'close');
    socket.send(Buffer.alloc(64 * 1024 + 1));
    expect((await closed)[0]).toBe(1009);
    await expect.poll(() => nodes.running()).toBe(0);
  });
});

function run(command: string): Promise<Terminal> {
  return client.holds.terminal(hold.id, { ...SIZE, command });
}

/** Resolves when the first line is there; what comes is read no further for now. */
async function shown(command: string): Promise<Terminal> {
  const terminal = await run(command);
  const [first] = (await once(terminal.stream, 'data')) as [Buffer];
  terminal.stream.pause();
  expect(first.toString()).toBe('ready\n');
  return terminal;
}

async function ticket(more: object = {}): Promise<TerminalTicket> {
  return (await (
    await api.post(`/holds/${hold.id}/terminals`, { ...SIZE, ...more })
  ).json()) as TerminalTicket;
}

/** A client of no library's: `said` is its first text. */
async function dial(
  path: string,
  options: ClientOptions = {},
): Promise<{ socket: WebSocket; said: Promise<unknown> }> {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}${path}`, options);
  const { promise: said, resolve } = Promise.withResolvers<unknown>();
  socket.on('message', (data: Buffer, isBinary) => isBinary || resolve(JSON.parse(data.toString())));
  await once(socket, 'open');
  return { socket, said };
}

function deletion(): RequestInit {
  return { method: 'DELETE', headers: { authorization: `Bearer ${api.admin}` } };
}
