import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SshLauncher } from '#controller/launchers/ssh';
import { readCommandLine } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { sshLabMissing, type SshLab } from '#test/ssh-lab';
import { openLauncherFixture, type LauncherFixture } from './fixture.ts';

const never = new AbortController().signal;

optionalService('OpenSSH lab', sshLabMissing())('the SSH launcher with scripts', () => {
  let fixture: LauncherFixture;
  let lab: SshLab;
  let launcher: SshLauncher;
  let folder: string;
  beforeAll(async () => {
    fixture = await openLauncherFixture({ hasRuntime: false });
    lab = fixture.lab;
    launcher = fixture.launcher();
    folder = await mkdtemp(join(tmpdir(), 'ssh-scripts-'));
    await chmod(folder, 0o755);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await fixture.dispose();
  });

  test('returns what a script says, up to a limit, and gives it no input', async () => {
    const machine = lab.machine('plain');
    expect(await launcher.run(machine, 'cat; echo "$((6 * 7))" # the answer', never)).toBe('42\n');
    const long = await launcher.run(machine, 'yes | head -c 200000; echo end', never);
    expect(long).toHaveLength(64 * 1024);
    expect(long).toMatch(/y\nend\n$/);
    await expect(launcher.run(machine, 'echo no room >&2; exit 3', never)).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: expect.stringContaining('exit code 3: no room'),
    });
  });

  test('kills a script that is given up', async () => {
    const abort = new AbortController();
    const mark = join(folder, 'mark');
    await writeFile(mark, '');
    await chown(mark, lab.account('plain').uid, 0);
    const running = launcher.run(lab.machine('plain'), `echo $$ >'${mark}'; exec sleep 1000`, abort.signal);
    running.catch(() => undefined);
    await expect.poll(() => readFile(mark, 'utf8')).not.toBe('');
    const pid = (await readFile(mark, 'utf8')).trim();
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect.poll(() => readCommandLine(pid)).toEqual([]);
  });

  test('restarts no machine that has left the boot already, and none as a plain user', async () => {
    const machine = lab.machine('plain');
    await launcher.reboot(machine, 'another-boot', never);
    await expect(
      launcher.reboot(machine, await launcher.bootId(machine, never), never),
    ).rejects.toMatchObject({
      code: 'cloud-refused',
      hint: expect.stringContaining('sudo'),
    });
  });
});
