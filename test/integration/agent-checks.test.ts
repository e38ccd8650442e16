import { once } from 'node:events';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_CHECK_OUTPUT, type AgentMessageOf, type CheckStart } from '#shared/protocol';
import { connectAgent, type AgentFixture } from '#test/agent-fixture';
import { makeCertificates } from '#test/certificates';
import { freePort, listen } from '#test/ports';

type Finished = AgentMessageOf<'check.finished'>;

let fixture: AgentFixture;
let servers: Server[];

beforeEach(async () => {
  fixture = await connectAgent({ env: { SSL_CERT_FILE: '/nonexistent', LANG: 'C.UTF-8' } });
  servers = [];
});

afterEach(async () => {
  for (const server of servers) server.close();
  await fixture[Symbol.asyncDispose]();
});

describe('what a check finds', () => {
  test('is what the node has, by the time of its answer', async () => {
    const before = Date.now();
    const finished = await check({});
    expect(finished.results).toEqual([]);
    expect(finished.output).toBe('');
    expect(finished.diskFreeBytes).toBeGreaterThan(0);
    expect(finished.memoryAvailableBytes).toBeGreaterThan(0);
    expect(finished.at).toBeGreaterThanOrEqual(before);
    expect(finished.at).toBeLessThanOrEqual(Date.now());
  });

  test('is told of everything, be it that something failed', async () => {
    const port = await serve(createServer((socket) => socket.destroy()));
    const closed = await freePort();
    const { results } = await check({
      dns: ['localhost', 'no-such-name.invalid'],
      reach: [`127.0.0.1:${port}`, `127.0.0.1:${closed}`, 'nonsense'],
      script: 'false',
    });
    expect(results).toEqual([
      { name: 'dns localhost', ok: true, ms: expect.any(Number) },
      bad('dns no-such-name.invalid', /^no-such-name\.invalid does not resolve: /),
      { name: `reach 127.0.0.1:${port}`, ok: true, ms: expect.any(Number) },
      bad(`reach 127.0.0.1:${closed}`, /^no connection to 127\.0\.0\.1 port \d+: .*ECONNREFUSED/),
      bad('reach nonsense', /is not host:port/),
      bad('script', /^it ended with exit code 1$/),
    ]);
  });

  test('of a server is good whatever it answers', async () => {
    const asked: string[] = [];
    const port = await serve(
      createHttpServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        response.writeHead(503).end();
      }),
    );
    const { results } = await check({ reach: [`http://127.0.0.1:${port}/health?x=1`] });
    expect(results).toMatchObject([{ ok: true }]);
    expect(asked).toEqual(['HEAD /health?x=1']);
  });

  test('of an IPv6 address is found at its port', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '::1');
    servers.push(server);
    const address = await Promise.race([once(server, 'listening'), once(server, 'error')]);
    if (address.length > 0) return; // This machine has no IPv6.
    const { port } = server.address() as AddressInfo;
    expect((await check({ reach: [`[::1]:${port}`] })).results).toMatchObject([{ ok: true }]);
  });

  test('of a server with a certificate that nobody vouches for is told as such', async () => {
    await makeCertificates(fixture.folder);
    const [key, cert] = await Promise.all(
      ['server.key', 'server.pem'].map((name) => readFile(join(fixture.folder, name))),
    );
    const port = await serve(createTlsServer({ key, cert }, (_, response) => response.end()));
    const { results } = await check({ reach: [`https://127.0.0.1:${port}/`] });
    expect(results).toEqual([bad(`reach https://127.0.0.1:${port}/`, /^127\.0\.0\.1:\d+ failed at TLS: /)]);
  });

  test('of a server that takes the connection and says nothing is told at the deadline', async () => {
    const port = await serve(createServer());
    const { results } = await check({ reach: [`http://127.0.0.1:${port}/`], timeoutMs: 100 });
    expect(results).toEqual([bad(`reach http://127.0.0.1:${port}/`, /^it did not end within 100ms$/)]);
  });
});

describe('the script of a check', () => {
  test('stops at the first command that fails, with all it printed', async () => {
    const { results, output } = await check({ script: 'echo one; echo two >&2; false; echo three' });
    expect(results).toMatchObject([{ name: 'script', ok: false }]);
    expect(output).toBe('one\ntwo\n');
  });

  test('runs in an empty folder of its own that is gone afterwards, and knows the workspace', async () => {
    const { output } = await check({ script: 'ls -A; pwd; echo "$FOOTMAN_WORKSPACE $CI"; touch left' });
    const [place = '', rest] = output.split('\n');
    expect(place).toContain('/steps/check-');
    expect(rest).toBe(`${fixture.workspace} true`);
    expect(await readdir(join(fixture.folder, 'root/steps'))).toEqual([]);
    expect(await readdir(fixture.workspace)).toEqual([]);
  });

  test('of which only the end is kept where it prints much', async () => {
    const { results, output } = await check({ script: 'head -c 1000000 /dev/zero | tr "\\0" x; echo end' });
    expect(results).toMatchObject([{ ok: true }]);
    expect(output).toHaveLength(MAX_CHECK_OUTPUT);
    expect(output.endsWith('xend\n')).toBe(true);
  });

  test('that does not end is killed at the deadline, with all that it started', async () => {
    const script = 'setsid sleep 1000 & echo $! > $FOOTMAN_WORKSPACE/pid; sleep 1001; sleep 1002';
    const { results } = await check({ script, timeoutMs: 300 });
    expect(results).toEqual([bad('script', /^it did not end within /)]);
    const pid = (await readFile(join(fixture.workspace, 'pid'), 'utf8')).trim();
    await expect(readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).resolves.not.toContain('sleep');
  });

  test('leaves nothing running though it succeeds', async () => {
    const script = 'setsid sleep 1000 > /dev/null 2>&1 & echo $! > $FOOTMAN_WORKSPACE/pid';
    expect((await check({ script })).results).toMatchObject([{ ok: true }]);
    const pid = (await readFile(join(fixture.workspace, 'pid'), 'utf8')).trim();
    await expect(readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).resolves.not.toContain('sleep');
  });

  test('does not keep the node from its job', async () => {
    await check({ script: 'exit 3' });
    expect((await fixture.peer.run({ script: 'echo hello' })).log.toString()).toBe('hello\n');
  });
});

describe('a check that is asked for', () => {
  test('again is answered from what was found, by the time of that answer', async () => {
    const { peer, workspace } = fixture;
    const order = start({ script: 'echo x >> $FOOTMAN_WORKSPACE/count' });
    const first = await answer(order, 1);
    peer.cut();
    await peer.until(() => peer.hellos.length > 1);
    peer.send(order);
    const second = await answer(order, 2);
    expect(second).toEqual({ ...first, at: expect.any(Number) });
    expect(second.at).toBeGreaterThanOrEqual(first.at);
    expect(await readFile(join(workspace, 'count'), 'utf8')).toBe('x\n');
  });

  test('goes on while there is no connection', async () => {
    const { peer, workspace } = fixture;
    await writeFile(join(workspace, 'gate'), '');
    const order = start({ script: 'while [ -e $FOOTMAN_WORKSPACE/gate ]; do sleep 0.05; done; echo x' });
    peer.cut();
    await peer.until(() => peer.hellos.length > 1);
    peer.send(order);
    await rm(join(workspace, 'gate'));
    expect(await answer(order, 1)).toMatchObject({ output: 'x\n', results: [{ ok: true }] });
  });

  test('while another is under way ends that one, of which nothing is heard', async () => {
    const endless = start({ check: 'one', script: 'sleep 1000' });
    const other = start({ check: 'two', script: 'echo two' });
    expect(await answer(other, 1)).toMatchObject({ output: 'two\n', results: [{ ok: true }] });
    expect(answers(endless)).toEqual([]);
  });
});

function start(given: Partial<CheckStart>): CheckStart {
  const order: CheckStart = {
    type: 'check.start',
    check: 'check-1',
    dns: [],
    reach: [],
    script: null,
    timeoutMs: 30_000,
    ...given,
  };
  fixture.peer.send(order);
  return order;
}

function check(given: Partial<CheckStart>): Promise<Finished> {
  return answer(start(given), 1);
}

/** The agent's answer of that number. */
async function answer(order: CheckStart, number: number): Promise<Finished> {
  await fixture.peer.until(() => answers(order).length >= number);
  return answers(order)[number - 1] as Finished;
}

function answers({ check: id }: CheckStart): Finished[] {
  return fixture.peer.messages.filter(
    (message): message is Finished => message.type === 'check.finished' && message.check === id,
  );
}

function bad(name: string, message: RegExp): object {
  return { name, ok: false, message: expect.stringMatching(message), ms: expect.any(Number) };
}

async function serve(server: Server): Promise<number> {
  servers.push(server);
  return listen(server);
}
