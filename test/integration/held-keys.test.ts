import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeys, type Keys } from '../../agent/held/keys.ts';
import { freePort } from '#test/ports';
import { makeKeyFile, sshdBasics, sshdMissing, startSshd, type Sshd } from '#test/sshd';

const HOUR = 3_600_000;

/** What the agent writes is what a real sshd reads. */
describe.skipIf(sshdMissing() !== undefined)('a held node’s own sshd', () => {
  let folder: string;
  let port: number;
  let sshd: Sshd;
  let keys: Keys;
  let key: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-held-keys-'));
    await chmod(folder, 0o755);
    port = await freePort();
    await makeKeyFile(join(folder, 'host'));
    key = (await makeKeyFile(join(folder, 'alice'))).split(' ').slice(0, 2).join(' ');
    const file = join(folder, '.ssh/authorized_keys');
    const lines = [
      ...sshdBasics(port, join(folder, 'host')),
      `AuthorizedKeysFile ${file}`,
      'LogLevel VERBOSE',
    ];
    await writeFile(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
    sshd = await startSshd(join(folder, 'sshd_config'));
    const { username: name, uid, gid } = userInfo();
    keys = createKeys({
      root: folder,
      node: {
        sshd: () => Promise.resolve({ port, addresses: ['127.0.0.1'] }),
        // Nobody's real home is touched.
        account: () => Promise.resolve({ name, uid, gid, home: folder }),
        pattern: () => '.ssh/authorized_keys',
      },
    });
  });
  afterAll(async () => {
    await sshd.kill();
    await rm(folder, { recursive: true });
  });

  /** The output of a command there, or what ssh says. */
  async function login(): Promise<string> {
    const options = [
      'StrictHostKeyChecking=no',
      `UserKnownHostsFile=${folder}/known`,
      'BatchMode=yes',
      'IdentitiesOnly=yes',
    ];
    const args = [
      '-F',
      'none',
      '-i',
      join(folder, 'alice'),
      '-p',
      `${port}`,
      ...options.flatMap((each) => ['-o', each]),
    ];
    try {
      return (await promisify(execFile)('ssh', [...args, '127.0.0.1', 'echo in'])).stdout;
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  }

  async function place(hold: string, expiresAt: number): Promise<void> {
    const placed = await keys.place({
      type: 'hold.keys',
      hold,
      keys: [{ id: 'one', key, user: null, expiresAt }],
    });
    expect(placed).toEqual([{ id: 'one', user: userInfo().username, problem: null }]);
  }

  test('lets a key in while the hold goes on, and not when it was taken away', async () => {
    expect(await login()).toContain('Permission denied');
    await place('h1', Date.now() + HOUR);
    expect(await login()).toBe('in\n');
    keys.removeAll();
    expect(await login()).toContain('Permission denied');
  });

  test('refuses the key of a hold that is over, though nobody has taken it away', async () => {
    await place('h2', Date.now() - 1_000);
    expect(await readFile(join(folder, '.ssh/authorized_keys'), 'utf8')).toContain(key);
    expect(await login()).toContain('Permission denied');
  });
});
