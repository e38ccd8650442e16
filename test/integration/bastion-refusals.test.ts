import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sshMissing, startBastion, type BastionFixture } from '#test/bastion-fixture';
import { makeKeyFile } from '#test/sshd';

describe.skipIf(sshMissing() !== undefined)('the bastion lets nobody in', () => {
  let lab: BastionFixture;
  beforeAll(async () => {
    lab = await startBastion();
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test('with a key of another hold, and says the same as of a hold that there is not', async () => {
    const key = await makeKeyFile(join(lab.folder, 'other'));
    const other = await lab.hold('1h', key);
    const wrong = await lab.ssh([`${other.toUpperCase()}@127.0.0.1`, 'true']);
    expect(wrong).toMatchObject({ exit: 255, out: Buffer.from('') });
    expect(wrong.err).toContain('Permission denied (publickey).');
    const unknown = await lab.ssh([`0000000000000000@127.0.0.1`, 'true']);
    expect(unknown.err.replaceAll('0000000000000000', other)).toBe(
      wrong.err.replaceAll(other.toUpperCase(), other),
    );
    const right = await lab.ssh([`${other}@127.0.0.1`, 'echo in'], { identity: 'other' });
    expect(right.out.toString()).toBe('in\n');
  });

  test.each([
    ['quotes', `a'"b`],
    ['a path', '../../etc/passwd'],
    ['what a store might take for its own', `' or '1'='1`],
    ['other scripts', 'ключ-鍵'],
    ['a name of 10 kB', 'x'.repeat(10_000)],
  ])('by a name with %s', async (_, name) => {
    const { exit, err } = await lab.ssh(['-l', name, '127.0.0.1', 'true']);
    expect(exit).toBe(255);
    // The client cuts what it says of a very long name.
    expect(err).toMatch(/Permission denied|invalid characters|x{900}/);
  });

  test('with a signature by SHA-1, but with any other of the same key', async () => {
    const key = await makeKeyFile(join(lab.folder, 'rsa'), ['-t', 'rsa', '-b', '3072']);
    const login = `${await lab.hold('1h', key)}@127.0.0.1`;
    expect((await lab.ssh([login, 'echo in'], { identity: 'rsa' })).out.toString()).toBe('in\n');
    const old = await lab.ssh(['-o', 'PubkeyAcceptedAlgorithms=ssh-rsa', login, 'echo in'], {
      identity: 'rsa',
    });
    expect(old).toMatchObject({ exit: 255, out: Buffer.from('') });
  });

  test('but for keys of ECDSA, of all sizes, too', async () => {
    for (const bits of ['256', '384', '521']) {
      const identity = `ecdsa-${bits}`;
      const file = join(lab.folder, identity);
      const login = `${await lab.hold('1h', await makeKeyFile(file, ['-t', 'ecdsa', '-b', bits]))}@127.0.0.1`;
      expect((await lab.ssh([login, 'echo in'], { identity })).out.toString()).toBe('in\n');
    }
  });

  test('any more when the key is revoked: the session is cut with a word', async () => {
    const holdId = await lab.hold('1h');
    const client = lab.start('/usr/bin/ssh', [`${holdId}@127.0.0.1`, 'echo ready; exec sleep 1000']);
    const said = text(client.stderr);
    await once(client.stdout, 'data');
    const left = once(client, 'exit');
    const { keys } = await lab.controller.api.get<{ keys: { id: string }[] }>(`/holds/${holdId}`);
    for (const { id } of keys) await lab.api('DELETE', `/holds/${holdId}/keys/${id}`);
    const [exit] = (await left) as [number];
    expect(exit).toBe(255);
    expect(await said).toContain('footman: the key was revoked');
    expect((await lab.ssh([`${holdId}@127.0.0.1`, 'true'])).err).toContain('Permission denied');
  });

  test('any more when the hold is over: the session is cut with a word, and the connection with it', async () => {
    const holdId = await lab.hold('8s');
    const client = lab.start('/usr/bin/ssh', [`${holdId}@127.0.0.1`, 'echo ready; exec sleep 1000']);
    const said = text(client.stderr);
    const left = once(client, 'exit');
    await once(client.stdout, 'data');
    await left;
    expect(await said).toContain('footman: the hold has expired');
    const again = await lab.ssh([`${holdId}@127.0.0.1`, 'true']);
    expect(again.err).toContain('Permission denied');
  });

  test('any more when the hold is released', async () => {
    const holdId = await lab.hold('1h');
    const client = lab.start('/usr/bin/ssh', ['-N', '-v', `${holdId}@127.0.0.1`]);
    let log = '';
    const entered = Promise.withResolvers<void>();
    client.stderr.on('data', (piece: Buffer) => {
      log += piece.toString();
      if (log.includes('Entering interactive session')) entered.resolve();
    });
    await entered.promise;
    const left = once(client, 'exit');
    await lab.api('DELETE', `/holds/${holdId}`);
    await left;
    expect((await lab.ssh([`${holdId}@127.0.0.1`, 'true'])).err).toContain('Permission denied');
  });
});

describe.skipIf(sshMissing() !== undefined)('a bastion that is tried', () => {
  test('tells who failed twenty times to wait', async () => {
    await using lab = await startBastion();
    await makeKeyFile(join(lab.folder, 'stranger'));
    for (let attempt = 0; attempt < 20; attempt++) {
      const { err } = await lab.ssh([lab.login, 'true'], { identity: 'stranger' });
      expect(err).toContain('Permission denied');
    }
    const { exit, err } = await lab.ssh([lab.login, 'true']);
    expect(exit).toBe(255);
    expect(err).toContain('too many failed logins from 127.0.0.1: wait ');
  });

  test('has no more than twenty waiting of one address, who say nothing', async () => {
    await using lab = await startBastion();
    const silent = Array.from({ length: 20 }, () => connect(lab.port, '127.0.0.1'));
    for (const socket of silent) await once(socket, 'data');
    const { err } = await lab.ssh([lab.login, 'true']);
    expect(err).toContain('too many are logging in at the moment');
    for (const socket of silent) socket.destroy();
  });

  test('records what a terminal shows, without the secrets, when it is told to', async () => {
    await using lab = await startBastion(', recording: terminals', withSecret);
    const secret = { scope: 'controller', value: 'correct-horse-battery', debug: 'allow' };
    expect((await lab.api('PUT', '/secrets/WORD', secret)).status).toBe(200);
    const { exit } = await lab.ssh([
      '-tt',
      lab.login,
      'printf correct-ho; printf rse-battery; echo "<over>"',
    ]);
    expect(exit).toBe(0);
    const { sessions } = await lab.controller.api.get<{ sessions: { id: string }[] }>(
      `/holds/${lab.holdId}/sessions`,
    );
    const file = join(lab.controller.data, 'recordings', lab.holdId, `${sessions[0]?.id}.cast`);
    const [header, ...events] = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
    const shown = events.filter(([, kind]) => kind === 'o').map(([, , text]) => text);
    expect(shown.join('')).toContain('***<over>\r\n');
  });
});

function withSecret(duration: string, key: string): string {
  return `jobs:
  a:
    runs-on: linux
    steps: [{ run: "false", env: { WORD: '\${{ secrets.WORD }}' } }]
    post: { failure: [{ hold: { for: ${duration}, keys: ['${key}'] } }] }
`;
}
