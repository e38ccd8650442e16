import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HoldList } from '#controller/api';
import { createPlace, follow, FOOTMAN, type Ended, type Place } from '#test/footman';
import { runInTerminal } from '#test/in-terminal';
import { freePort } from '#test/ports';

const HERE = join(import.meta.dirname, '../../..');

/** Says yes to the host's key, as people do the first time, and has nothing of this machine's. */
const SSH_CONFIG = 'StrictHostKeyChecking accept-new\nUserKnownHostsFile known_hosts\nLogLevel ERROR\n';

test('what footman run leaves held waits for the next controller', { timeout: 120_000 }, async () => {
  await using place = await createPlace();
  await place.write('hold.yaml', await readFile(join(HERE, 'examples/hold/pipeline.yaml'), 'utf8'));
  const { exit, out } = await place.run('run', 'hold.yaml');
  expect(exit).toBe(1);
  expect(out).toMatch(
    /^the node of 1\/test is held for \S+ until .*: footman hold show \S+\n  footman hold shell \S+\nthis controller ends now/m,
  );
  const [, hold = ''] = /footman hold show (\S+)/.exec(out) ?? [];

  // Each of these is a controller of its own for as long as it takes.
  const { screen } = await inTerminal(place, `footman hold shell ${hold} -- footman-rerun`);
  expect(screen).toContain('got 42, expected 41');
  expect((await place.run('hold', 'ls')).out).toContain(`${hold}\theld\t`);
  expect(await place.run('hold', 'release', hold)).toMatchObject({ exit: 0 });
  await using _ = await served(place);
  await expect.poll(async () => (await place.run('nodes')).out, { timeout: 20_000 }).toBe('');
});

test('every command of the example and of the guide does what it says', { timeout: 240_000 }, async () => {
  const port = String(await freePort());
  await using place = await createPlace();
  const adapted = (text: string): string => text.replaceAll('2222', port);
  await cp(join(HERE, 'examples/hold'), join(place.folder, 'examples/hold'), { recursive: true });
  const file = join(place.folder, 'examples/hold/footman.yaml');
  const configuration = adapted(await readFile(file, 'utf8'));
  await writeFile(file, `data: ${place.data}\n${configuration}`);
  await place.write('footman.yaml', `data: ${place.data}\n${configuration}`);
  await mkdir(join(place.folder, '.ssh'));
  await place.write('.ssh/config', SSH_CONFIG);
  await mkdir(join(place.folder, 'bin'));
  await program(place, 'bin/footman', FOOTMAN);
  await using _ = await served(place);

  const steps = blocksOf(await readFile(join(HERE, 'examples/hold/README.md'), 'utf8')).map(adapted);
  // The first one starts the controller.
  expect(steps.shift()).toMatch(/^bin\/footman serve /);
  const setup = await sh(place, steps[0] ?? '');
  expect(setup.exit, setup.out + setup.err).toBe(1);
  expect(setup.out).toContain(`ssh -p ${port} `);
  const { holds } = JSON.parse((await place.run('--json', 'hold', 'ls')).out) as HoldList;
  const HOLD = holds[0]?.id ?? '';
  for (const step of steps.slice(1, 4)) await succeeds(place, step, { HOLD });
  expect(await readFile(join(place.folder, 'answer'), 'utf8')).toBe('6 * 7\n');

  // The guide takes the key to be ssh's own, and goes before the end of the example.
  await sh(
    place,
    'cp hold_key .ssh/id_ed25519 && cp hold_key.pub .ssh/id_ed25519.pub && ssh-keygen -q -t ed25519 -N "" -f bob',
  );
  await place.write('.ssh/config', `${SSH_CONFIG}IdentityFile ${join(place.folder, '.ssh/id_ed25519')}\n`);
  const guide = blocksOf(await readFile(join(HERE, 'docs/usage/holds.md'), 'utf8')).map(adapted);
  const end = guide.findIndex((block) => block.includes('hold release'));
  expect(guide.splice(end, 1)).toEqual(['footman hold release $HOLD\n']);
  for (const block of guide) await succeeds(place, block, { HOLD });
  // It ends with that, too.
  for (const step of steps.slice(4)) await succeeds(place, step, { HOLD });
  expect((await place.run('hold', 'ls')).out).toBe('');
});

/** Blocks of commands. */
function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/** Commands of a person at a terminal; a shell that it leads to is left again. */
async function succeeds(place: Place, block: string, env: Record<string, string>): Promise<void> {
  const { exit, screen } = await inTerminal(place, block, env);
  // The test that is repeated on the node fails still.
  expect(exit === 0 || screen.includes('got 42, expected 41'), `${block}\n${screen}`).toBe(true);
}

async function inTerminal(place: Place, script: string, env: Record<string, string> = {}) {
  const terminal = runInTerminal(['sh', '-euc', script], {
    cwd: place.folder,
    env: { ...envOf(place), ...env },
  });
  if (/hold shell \S+$/m.test(script)) {
    // What is typed before a prompt may be lost.
    await terminal.shown('footman-rerun repeats the step');
    await terminal.shown(/[#$] /);
    terminal.type('exit 0\n');
  }
  return terminal.ended;
}

async function sh(place: Place, script: string): Promise<Ended> {
  const child = spawn('sh', ['-euc', script], {
    cwd: place.folder,
    env: envOf(place),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return follow(child).ended;
}

/** OpenSSH asks the system for the home of the user; `-F` is how it is told of another. */
function envOf({ env, folder }: Place): NodeJS.ProcessEnv {
  return { ...env, PATH: `${join(folder, 'own-bin')}:${join(HERE, 'bin')}:${env['PATH']}` };
}

function program(place: Place, path: string, command: string): Promise<void> {
  return writeFile(join(place.folder, path), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

async function served(place: Place): Promise<AsyncDisposable> {
  await mkdir(join(place.folder, 'own-bin'), { recursive: true });
  for (const name of ['ssh', 'scp'])
    await program(place, `own-bin/${name}`, `/usr/bin/${name} -F ${join(place.folder, '.ssh/config')}`);
  const controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
  return {
    async [Symbol.asyncDispose]() {
      controller.child.kill('SIGTERM');
      if (controller.child.exitCode === null) await once(controller.child, 'exit');
    },
  };
}
