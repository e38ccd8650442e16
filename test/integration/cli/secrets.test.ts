import { spawn, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSystemClock } from '#controller/clock';
import { createKeyring, createSecrets, type Secrets } from '#controller/secrets';
import { startApiServer, type ApiServer } from '#test/api-server';
import { createPlace, follow, FOOTMAN, type Ended, type Place } from '#test/footman';
import { optionalService } from '#test/optional';

const VALUE = 'correct horse';

let api: ApiServer;
let place: Place;
/** What builds would get. */
let secrets: Secrets;

beforeAll(async () => {
  api = await startApiServer();
  const keyring = createKeyring(join(api.folder, 'secrets.key'));
  secrets = createSecrets({ store: api.store, clock: createSystemClock(), keyring });
  place = await createPlace();
  Object.assign(place.env, { FOOTMAN_URL: api.url, FOOTMAN_TOKEN: api.admin, VALUE });
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await api.dispose();
});

describe('footman secret set', () => {
  test('reads the value from standard input, and leaves one newline out and says so', async () => {
    const set = await sh('printf "%s\\n\\n" "$VALUE" | "$FOOTMAN" secret set A');
    expect(set).toEqual({
      exit: 0,
      out: 'A (controller) is set\n',
      err: 'footman: one newline at the end is left out\n',
    });
    expect(await secrets.valueOf(['controller'], 'A')).toBe(`${VALUE}\n`);
    expect((await sh('printf %s "$VALUE" | "$FOOTMAN" secret set A')).err).toBe('');
    expect(await secrets.valueOf(['controller'], 'A')).toBe(VALUE);
  });

  test('takes a file and a variable as they are', async () => {
    await place.write('key', 'line one\r\nline two\n');
    expect(await place.run('secret', 'set', 'FILE', '--from-file', 'key')).toMatchObject({
      exit: 0,
      err: '',
    });
    expect(await place.run('secret', 'set', 'VARIABLE', '--from-env', 'VALUE')).toMatchObject({ exit: 0 });
    expect(await secrets.valueOf(['controller'], 'FILE')).toBe('line one\r\nline two\n');
    expect(await secrets.valueOf(['controller'], 'VARIABLE')).toBe(VALUE);
  });

  test.each([
    [['--project', 'p'], 'project:p'],
    [['--pipeline', 'x'], 'pipeline:x'],
    [['--pipeline', 'p/x'], 'pipeline:p/x'],
    [['--project', 'p', '--pipeline', 'x'], 'pipeline:p/x'],
    [['--scope', 'project:q'], 'project:q'],
  ])('%j means %s', async (options, scope) => {
    const { exit, out } = await place.run('secret', 'set', 'B', '--from-env', 'VALUE', ...options);
    expect({ exit, out }).toEqual({ exit: 0, out: `B (${scope}) is set\n` });
  });

  test.each([
    ['a value as an argument', ['secret', 'set', 'C', VALUE], 64, 'too many arguments'],
    ['a short value', ['secret', 'set', 'C', '--from-env', 'SHORT'], 64, 'fewer than 4 characters'],
    ['a bad name', ['secret', 'set', 'MY-C', '--from-env', 'VALUE'], 64, 'environment variable'],
    [
      'a scope twice',
      ['secret', 'set', 'C', '--scope', 'controller', '--project', 'p'],
      64,
      'cannot be used',
    ],
    [
      'two sources',
      ['secret', 'set', 'C', '--from-env', 'VALUE', '--from-file', 'key'],
      64,
      'cannot be used',
    ],
    ['a variable that is not set', ['secret', 'set', 'C', '--from-env', 'NONE'], 66, 'NONE is not set'],
    ['a file that is not there', ['secret', 'set', 'C', '--from-file', 'none'], 66, 'none'],
    ['bytes that are no text', ['secret', 'set', 'C', '--from-file', process.execPath], 64, 'no UTF-8'],
    ['the name of none', ['secret', 'rm', 'C'], 66, 'there is no secret C (controller)'],
  ])('refuses %s', async (_, args, exit, sentence) => {
    place.env['SHORT'] = 'abc';
    const ended = await place.run(...args);
    expect(ended.err).toContain(sentence);
    expect(ended.exit).toBe(exit);
  });
});

test('list, rm and rotate', async () => {
  await place.run('secret', 'set', 'Z', '--from-env', 'VALUE', '--scope', 'pipeline:z', '--debug', 'allow');
  const { out } = await place.run('secret', 'list');
  expect(out).toMatch(/^Z\tpipeline:z\tallow\t.+$/m);
  expect(out).not.toContain('horse');
  expect((await place.run('secret', 'rotate')).out).toMatch(
    /^\d+ secrets are sealed with the new key \w+\n$/,
  );
  expect(await secrets.valueOf(['pipeline:z'], 'Z')).toBe(VALUE);
  expect((await place.run('secret', 'rm', 'Z', '--pipeline', 'z')).out).toBe('Z (pipeline:z) is removed\n');
  expect((await place.run('--json', 'secret', 'list')).out).not.toContain('pipeline:z');
});

// It knows how to open a terminal.
const python = spawnSync('python3', ['--version']).error;

optionalService('python3', python?.message)('on a terminal', () => {
  test('the value is asked for, and not shown', async () => {
    const { said, type, ended } = onTerminal('secret', 'set', 'ASKED');
    await said('Value of ASKED (it is not shown): ');
    type(`${VALUE}\r`);
    const { exit, out } = await ended;
    expect(exit).toBe(0);
    expect(out).toContain('ASKED (controller) is set');
    expect(out).not.toContain('horse');
    expect(await secrets.valueOf(['controller'], 'ASKED')).toBe(VALUE);
  });

  test('Ctrl-C sets nothing', async () => {
    const { said, type, ended } = onTerminal('secret', 'set', 'NEVER');
    await said('Value of NEVER');
    type('half of it\u{3}');
    expect((await ended).exit).toBe(130);
    expect(await secrets.valueOf(['controller'], 'NEVER')).toBeUndefined();
  });
});

test('without a controller it runs one on the data folder, where no file has the value', async () => {
  const alone = await createPlace();
  alone.env['VALUE'] = VALUE;
  expect(await alone.run('secret', 'set', 'A', '--from-env', 'VALUE')).toMatchObject({ exit: 0, err: '' });
  expect((await alone.run('secret', 'list')).out).toMatch(/^A\tcontroller\tdeny\t/);
  const files = await readdir(alone.data, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const content = await readFile(join(file.parentPath, file.name), 'latin1');
    expect(content).not.toContain(VALUE);
  }
  await alone[Symbol.asyncDispose]();
});

function sh(command: string): Promise<Ended> {
  const env = { ...place.env, FOOTMAN };
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  return follow(spawn('sh', ['-c', command], { cwd: place.folder, env, stdio })).ended;
}

function onTerminal(...args: string[]) {
  const script = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const child = spawn('python3', ['-c', script, FOOTMAN, ...args], { cwd: place.folder, env: place.env });
  const running = follow(child);
  return { ...running, type: (text: string) => void child.stdin.write(text) };
}
