import { mkdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SshLauncher } from '#controller/launchers/ssh';
import { createLogger } from '#controller/logger';
import { optionalService } from '#test/optional';
import { sshLabMissing, type SshLab } from '#test/ssh-lab';
import { openTcpProxy, type TcpProxy } from '#test/tcp-proxy';
import { openLauncherFixture, type LauncherFixture } from './fixture.ts';

const never = new AbortController().signal;

optionalService('OpenSSH lab', sshLabMissing())('the SSH launcher with the runtime', () => {
  let fixture: LauncherFixture;
  let lab: SshLab;
  let launcher: SshLauncher;
  let proxy: TcpProxy;
  beforeAll(async () => {
    fixture = await openLauncherFixture({ hasRuntime: false });
    lab = fixture.lab;
    launcher = fixture.launcher();
    proxy = await openTcpProxy(lab.port);
  });
  afterAll(async () => {
    await proxy.close();
    await fixture.dispose();
  });

  test('says how much room it needs and how much there is, and leaves nothing', async () => {
    for (const name of ['cramped', 'crowded'] as const) {
      await expect(launcher.bring(lab.machine(name), never)).rejects.toMatchObject({
        code: 'cloud-refused',
        message: expect.stringMatching(/needs [\d.]+ MiB on lab-\w+ .*, where 2\d(\.\d)? MiB are free/),
      });
      expect(await launcher.run(lab.machine(name), 'find "$HOME" -type f', never)).toBe('');
    }
  });

  test('says that a home runs no programs', async () => {
    await expect(launcher.bring(lab.machine('noexec'), never)).rejects.toMatchObject({
      code: 'cloud-refused',
      hint: expect.stringContaining('noexec'),
    });
  });

  test('says that a machine is of another architecture', async () => {
    await expect(launcher.bring(lab.machine('foreign'), never)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('riscv64'),
    });
  });

  test('brings it anew after a connection was cut in the middle, once for all who ask', async () => {
    const machine = { ...lab.machine('plain'), port: proxy.port };
    const cut = proxy.cutAfter(2 * 1024 * 1024);
    await expect(launcher.bring(machine, never)).rejects.toMatchObject({ code: 'cloud-unavailable' });
    await cut;
    expect(await fixture.runtimes('plain')).toEqual([expect.stringMatching(/^\.new-controller-1-/)]);
    const said: string[] = [];
    const logger = createLogger('info', { write: (line) => void said.push(line) });
    const both = fixture.launcher({ logger });
    await Promise.all([both.bring(machine, never), both.bring(machine, never)]);
    expect(await fixture.runtimes('plain')).toEqual([fixture.runtime.digest]);
    expect(said).toHaveLength(1);
    await both.bring(machine, never);
    expect(said).toHaveLength(1);
  });

  test('brings it where there is no SFTP', async () => {
    const small = await fixture.smallRuntime();
    await fixture.launcher({ runtime: async () => small }).bring(lab.machine('deep'), never);
    expect(await readFile(join(fixture.base('deep'), 'runtime', small.digest, 'lib', 'hello'), 'utf8')).toBe(
      'hi',
    );
  });

  test('removes what no agent was started from for a month', async () => {
    const small = await fixture.smallRuntime();
    const old = join(fixture.base('busybox'), 'runtime', 'old');
    await mkdir(old, { recursive: true });
    await mkdir(join(fixture.base('busybox'), 'runtime', 'young'));
    await utimes(old, new Date(0), new Date(0));
    await lab.giveHome('busybox');
    await fixture.launcher({ runtime: async () => small }).bring(lab.machine('busybox'), never);
    expect((await fixture.runtimes('busybox')).toSorted()).toEqual(['small', 'young']);
  });
});
