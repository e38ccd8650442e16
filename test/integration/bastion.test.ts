import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sshMissing, startBastion, type BastionFixture } from '#test/bastion-fixture';
import { runInTerminal } from '#test/in-terminal';
import { freePort, listen } from '#test/ports';

describe.skipIf(sshMissing() !== undefined)('the bastion, with the client of OpenSSH', () => {
  let lab: BastionFixture;
  beforeAll(async () => {
    lab = await startBastion();
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test('a command runs in the world of the failed step', async () => {
    const end = await lab.ssh([lab.login, 'echo $COLOUR; cat file; echo apart >&2; exit 7']);
    expect(end).toEqual({ exit: 7, out: Buffer.from('red\nhere\n'), err: 'apart\n' });
  });

  test('the hold may be named in capitals', async () => {
    const end = await lab.ssh([lab.login.toUpperCase(), 'true']);
    expect(end).toMatchObject({ exit: 0, err: '' });
  });

  test('a command that a signal ends is told of as such', async () => {
    const { exit, err } = await lab.ssh(['-v', lab.login, 'kill -TERM $$']);
    expect(exit).toBe(255);
    expect(err).toContain('rtype exit-signal');
  });

  test('a shell has a terminal of the size of the screen, which may change, and ends with its exit status', async () => {
    const client = terminal(lab);
    client.type('tty; stty size; echo $TERM\r');
    await client.shown(/\/dev\/pts\/\d+/);
    await client.shown('30 100');
    await client.shown('vt220');
    client.type(`trap 'stty size; echo changed' WINCH; echo re''ady\r`);
    await client.shown('ready');
    client.resize({ columns: 133, rows: 44 });
    await client.shown('44 133');
    client.type('exit 5\r');
    expect((await client.ended).exit).toBe(5);
  });

  test('what is typed can interrupt what runs', async () => {
    const client = terminal(lab);
    // Whoever says it is the one to be interrupted: between two programs there is nobody.
    client.type(`sh -c 'echo be""gun; exec sleep 1000'\r`);
    await client.shown('begun');
    client.type('\u{3}');
    client.type('echo still""here; exit 0\r');
    await client.shown('stillhere');
    expect((await client.ended).exit).toBe(0);
  });

  test('bytes of all values come back as they were, and the end of the input with them', async () => {
    const bytes = randomBytes(3_000_000);
    const end = await lab.ssh([lab.login, 'cat'], { input: bytes });
    expect(end).toMatchObject({ exit: 0, err: '' });
    expect(end.out.equals(bytes)).toBe(true);
  });

  test('large outputs and errors at the same time are neither mixed up nor repeated', async () => {
    const script = 'head -c 20000000 /dev/zero & head -c 20000000 /dev/zero | tr "\\0" x >&2; wait';
    const { exit, out, err } = await lab.ssh([lab.login, script]);
    expect(exit).toBe(0);
    expect(out.equals(Buffer.alloc(20_000_000))).toBe(true);
    expect(err === 'x'.repeat(20_000_000)).toBe(true);
  });

  test('100 MB come through a command byte for byte, with new keys in between', async () => {
    const bytes = randomBytes(100_000_000);
    const end = await lab.ssh(['-o', 'RekeyLimit=16M', lab.login, 'cat'], { input: bytes });
    expect(end.exit).toBe(0);
    expect(end.out.equals(bytes)).toBe(true);
  });

  test('scp and sftp copy files both ways', async () => {
    const bytes = randomBytes(5_000_000);
    await writeFile(join(lab.folder, 'sent'), bytes);
    await mkdir(join(lab.folder, 'tree'));
    await writeFile(join(lab.folder, 'tree', 'a name'), 'leaf');
    const sent = await lab.ssh(['-r', 'sent', 'tree', `${lab.login}:`], { program: '/usr/bin/scp' });
    expect(sent).toMatchObject({ exit: 0, err: '' });
    const back = await lab.ssh([`${lab.login}:sent`, 'received'], { program: '/usr/bin/scp' });
    expect(back.exit).toBe(0);
    expect((await readFile(join(lab.folder, 'received'))).equals(bytes)).toBe(true);
    const commands = 'get "tree/a name" leaf\nput sent again\nls\n';
    const sftp = await lab.ssh(['-b', '-', lab.login], { program: '/usr/bin/sftp', input: commands });
    expect(sftp.exit).toBe(0);
    expect(sftp.out.toString()).toContain('again');
    expect(await readFile(join(lab.folder, 'leaf'), 'utf8')).toBe('leaf');
  });

  test('connections are forwarded from the node, 100 MB byte for byte, and half of them may end first', async () => {
    const bytes = randomBytes(100_000_000);
    // It answers when it has all: only then the end of one direction is not that of both.
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const pieces: Buffer[] = [];
      socket
        .on('data', (piece: Buffer) => pieces.push(piece))
        .on('end', () => socket.end(Buffer.concat(pieces)));
    });
    const target = await listen(server);
    const port = await freePort();
    const forwarding = ['-N', '-o', 'ExitOnForwardFailure=yes', '-L', `${port}:127.0.0.1:${target}`];
    const client = lab.start('/usr/bin/ssh', ['-v', ...forwarding, lab.login]);
    try {
      await said(client, 'Entering interactive session');
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.end(bytes);
      expect((await buffer(socket)).equals(bytes)).toBe(true);
    } finally {
      client.kill();
      server.close();
    }
  });

  test('a port that nobody listens on is refused, and the connection goes on', async () => {
    const port = await freePort();
    const refused = await lab.ssh(['-W', `127.0.0.1:${port}`, lab.login]);
    expect(refused.err).toContain('open failed');
    expect(refused.exit).not.toBe(0);
  });

  test('several sessions share a connection', async () => {
    const control = ['-o', `ControlPath=${join(lab.folder, 'control')}`];
    const master = lab.start('/usr/bin/ssh', [...control, '-v', '-M', '-N', lab.login]);
    const over = once(master, 'exit');
    await said(master, 'Entering interactive session');
    const ends = await Promise.all(
      ['one', 'two', 'three'].map((word) =>
        lab.ssh([...control, lab.login, `cat; echo ${word}`], { input: 'in ' }),
      ),
    );
    expect(ends.map(({ out }) => out.toString())).toEqual(['in one\n', 'in two\n', 'in three\n']);
    await lab.ssh([...control, '-O', 'exit', lab.login]);
    await over;
  });

  test('neither the agent nor the ports of whoever comes are given to the node', async () => {
    const agent = await lab.ssh(['-A', lab.login, 'echo "<$SSH_AUTH_SOCK>"']);
    expect(agent.out.toString()).toBe('<>\n');
    const port = await freePort();
    const remote = await lab.ssh([
      '-o',
      'ExitOnForwardFailure=yes',
      '-R',
      `${port}:127.0.0.1:22`,
      lab.login,
      'true',
    ]);
    expect(remote).toMatchObject({ exit: 255 });
    expect(remote.err).toContain('remote port forwarding failed');
  });

  test('of the environment of whoever comes only the language is passed on', async () => {
    const options = ['-o', 'SetEnv=LC_ALL=de_DE.UTF-8 BASH_ENV=/evil LD_PRELOAD=/evil'];
    const { out } = await lab.ssh([...options, lab.login, 'echo $LC_ALL $BASH_ENV $LD_PRELOAD']);
    expect(out.toString()).toBe('de_DE.UTF-8\n');
  });

  test('who was on the node, from where and with what is written down', async () => {
    await lab.ssh([lab.login, 'echo noted']);
    const { sessions } = await lab.controller.api.get<{ sessions: Record<string, unknown>[] }>(
      `/holds/${lab.holdId}/sessions`,
    );
    expect(sessions).toContainEqual(
      expect.objectContaining({
        kind: 'exec',
        who: expect.stringMatching(/^SHA256:/),
        peer: '127.0.0.1',
        detail: 'echo noted',
        endedAt: expect.anything(),
      }),
    );
  });
});

function terminal({ options, port, login, folder }: BastionFixture) {
  return runInTerminal(['/usr/bin/ssh', ...options, '-p', `${port}`, login], {
    cwd: folder,
    env: { ...process.env, TERM: 'vt220' },
  });
}

/** Resolves when its log says so; `-v` gives one. */
async function said({ stderr }: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  const heard = Promise.withResolvers<void>();
  let all = '';
  stderr.on('data', (piece: Buffer) => {
    all += piece.toString();
    if (all.includes(text)) heard.resolve();
  });
  stderr.once('end', () => heard.reject(new Error(all)));
  await heard.promise;
}
