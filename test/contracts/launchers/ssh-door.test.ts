import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKnownHosts, fingerprint, type Machine, type SshLauncher } from '#controller/launchers/ssh';
import { optionalService } from '#test/optional';
import { sshLabMissing, type SshLab } from '#test/ssh-lab';
import { openLauncherFixture, type LauncherFixture } from './fixture.ts';

const never = new AbortController().signal;
/** That of GitHub: a type that the lab has no key of. */
const ECDSA =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=';

optionalService('OpenSSH lab', sshLabMissing())('the SSH launcher at the door', () => {
  let fixture: LauncherFixture;
  let lab: SshLab;
  let launcher: SshLauncher;
  let folder: string;
  beforeAll(async () => {
    fixture = await openLauncherFixture({ hasRuntime: false });
    lab = fixture.lab;
    launcher = fixture.launcher();
    folder = await mkdtemp(join(tmpdir(), 'ssh-door-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await fixture.dispose();
  });

  test('refuses a machine with another host key than the pinned one, at once', async () => {
    const machine = {
      ...lab.machine('plain'),
      hostKeys: { mode: 'pinned', keys: [lab.otherHostKey] },
    } as const;
    await expect(launcher.bootId({ ...machine, isBooting: true }, never)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringMatching(
        new RegExp(`lab-plain.*${escaped(lab.otherHostKey)}.*${escaped(lab.hostKey)}`),
      ),
      hint: expect.stringContaining('configuration'),
    });
  });

  test('refuses a machine that has no key of a pinned type, or of which none is pinned', async () => {
    await expect(launcher.bootId(pinned([ECDSA]), never)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('it has none of that type'),
    });
    await expect(launcher.bootId(pinned([]), never)).rejects.toMatchObject({ code: 'cloud-refused' });
  });

  test('keeps the key of the first login, and refuses another one from then on', async () => {
    const known = createKnownHosts(join(folder, 'known_hosts'));
    const machine: Machine = { ...lab.machine('plain'), hostKeys: { mode: 'first-use', known } };
    const strange = { ...machine, privateKey: lab.strangersKey };
    await expect(launcher.bootId(strange, never)).rejects.toMatchObject({ code: 'cloud-refused' });
    expect(await known.find(`[127.0.0.1]:${lab.port}`)).toBeNull();
    await launcher.bootId(machine, never);
    expect(await known.find(`[127.0.0.1]:${lab.port}`)).toBe(lab.hostKey.replace(/ test$/, ''));
    await lab.changeHostKey();
    await expect(launcher.bootId(machine, never)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining(fingerprint(lab.otherHostKey)),
      hint: expect.stringContaining(`[127.0.0.1]:${lab.port}`),
    });
    await lab.down();
    await lab.up();
    await launcher.bootId(machine, never);
  });

  test('says who is not let in, at once; on a machine that boots only when the time is over', async () => {
    const machine = { ...lab.machine('plain'), privateKey: lab.strangersKey };
    await expect(launcher.bootId(machine, never)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('does not let footman-plain in'),
      hint: expect.stringContaining('authorized_keys'),
    });
    const booting = launcher.bootId({ ...machine, isBooting: true }, AbortSignal.timeout(1000));
    await expect(booting).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: expect.stringContaining('does not let footman-plain in'),
    });
  });

  test('refuses a key that is none, without showing it', async () => {
    const refused = launcher.bootId({ ...lab.machine('plain'), privateKey: 'hunter2' }, never);
    await expect(refused).rejects.toMatchObject({ code: 'cloud-refused' });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });

  test('waits for a machine that is not up yet, and tells at the end why there was no login', async () => {
    await lab.down();
    await expect(launcher.bootId(lab.machine('plain'), AbortSignal.timeout(500))).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const waiting = launcher.bootId(lab.machine('plain'), never);
    await lab.up();
    expect(await waiting).toMatch(/^[0-9a-f-]{36}$/);
  });

  function pinned(keys: string[]): Machine {
    return { ...lab.machine('plain'), hostKeys: { mode: 'pinned', keys } };
  }
});

/** For a regular expression. */
function escaped(publicKey: string): string {
  return RegExp.escape(fingerprint(publicKey));
}
