import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRepository } from '#test/git-repository';
import { optionalService } from '#test/optional';
import { sshdMissing, startSshServer, type SshServer } from '#test/ssh-server';
import { describeShells } from '#test/shells';
import { expectNothingLeft, useCheckout } from './context.ts';

const context = useCheckout();

optionalService('sshd', sshdMissing())('checkout over SSH', () => {
  let keys: string;
  let server: SshServer;

  beforeAll(async () => {
    keys = await mkdtemp(join(tmpdir(), 'footman-sshd-'));
    server = await startSshServer(keys);
  });

  afterAll(async () => {
    await server.stop();
    await rm(keys, { recursive: true });
  });

  function address(): string {
    return `ssh://${server.login}:${server.port}${context.repository.path}`;
  }

  describeShells((shell) => {
    test('checks out with a key, which is on no command line and gone afterwards', async () => {
      const { key: sshKey, knownHosts } = server;
      const { exit, stderr } = await context.checkOut(
        { repository: address(), sshKey, knownHosts, depth: 1 },
        { shell },
      );
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      expect(await context.read('a.txt')).toBe('two\n');
      expect(await server.commandLines()).toContain('StrictHostKeyChecking=yes');
      expect(await server.commandLines()).not.toContain(secretOf(sshKey));
      await expectNothingLeft(context.node, secretOf(sshKey));
    });
  });

  test('a key that went through a file of Windows is good, too', async () => {
    const sshKey = server.key.trim().replaceAll('\n', '\r\n');
    expect(
      await context.checkOut({ repository: address(), sshKey, knownHosts: server.knownHosts }),
    ).toMatchObject({
      exit: 0,
    });
  });

  test('submodules come over the same connection', async () => {
    const inner = await makeRepository(join(context.folder, 'work', 'inner'));
    await inner.commit({ 'i.txt': 'inner\n' });
    await context.repository.git('submodule', '--quiet', 'add', inner.path, 'inner');
    await context.repository.git('config', '-f', '.gitmodules', 'submodule.inner.url', '../inner');
    await context.repository.commit({});
    const { key: sshKey, knownHosts } = server;
    const checkout = { repository: address(), sshKey, knownHosts, submodules: true };
    expect(await context.checkOut(checkout)).toMatchObject({ exit: 0 });
    expect(await context.read('inner/i.txt')).toBe('inner\n');
  });

  test.each([
    ['no known_hosts at all', () => undefined],
    ["another server's key", () => server.otherKnownHosts],
  ])('with %s it ends before it sends anything, and says what to give', async (_, knownHosts) => {
    const known = knownHosts();
    const { exit, stderr } = await context.checkOut({
      repository: address(),
      sshKey: server.key,
      ...(known === undefined ? {} : { knownHosts: known }),
    });
    expect(exit).toBe(1);
    expect(stderr).toContain('give its line of known_hosts as known-hosts');
    expect(stderr).not.toContain('trying again');
    await expectNothingLeft(context.node, secretOf(server.key));
  });

  test('a key that may not log in is refused at once, and gone afterwards', async () => {
    const { strangersKey: sshKey, knownHosts } = server;
    const { exit, stderr } = await context.checkOut({ repository: address(), sshKey, knownHosts });
    expect(exit).toBe(1);
    expect(stderr).toContain('or ssh-key');
    expect(stderr).not.toContain('trying again');
    await expectNothingLeft(context.node, secretOf(sshKey));
  });

  test('a server that is not there is tried three times', async () => {
    const repository = `ssh://${server.login}:1${context.repository.path}`;
    const { exit, stderr } = await context.checkOut({
      repository,
      sshKey: server.key,
      knownHosts: server.knownHosts,
    });
    expect(exit).toBe(1);
    expect(stderr.match(/trying again/g)).toHaveLength(2);
  });
});

/** A line of the key that only the key has. */
function secretOf(key: string): string {
  return key.split('\n')[2] ?? '';
}
