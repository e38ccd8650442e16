import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hold, HoldList } from '#controller/api';
import { createPlace, FOOTMAN, type Ended, type Place, type Running } from '#test/footman';
import { runInTerminal } from '#test/in-terminal';

const CONFIGURATION = `
data: data
teardown: { max-stopped: 0 }
clouds: { local: { kind: process, max-nodes: 9, templates: { host: { labels: linux process } } } }
`;

let place: Place;
let controller: Running;
/** Its node is held for all tests that do not end it. */
let hold: Hold;

beforeAll(async () => {
  place = await createPlace(CONFIGURATION);
  controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
  for (const name of ['own', 'other'])
    spawnSync('/usr/bin/ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      name,
      '-f',
      join(place.folder, name),
    ]);
  expect(await place.run('key', 'add', 'own.pub')).toMatchObject({ exit: 0 });
  ({ hold } = await heldJob());
});

afterAll(async () => {
  for (const { id } of await holds()) await place.run('hold', 'release', id);
  controller.child.kill('SIGTERM');
  await controller.ended;
  await place[Symbol.asyncDispose]();
});

describe('footman hold JOB', () => {
  test('holds the node when the job ends, and says how to get in', async () => {
    const { hold: another, run, asked } = await heldJob('--for', '2h', '--reason', 'it is odd');
    expect(asked).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^the node of \d+\/test is held .*, for 2h$/m),
    });
    expect(run.exit).toBe(1);
    expect(run.out).toContain(`footman hold show ${another.id}\n  footman hold shell ${another.id}\n`);
    expect(another).toMatchObject({
      state: 'held',
      owner: 'administrator',
      reason: 'it is odd',
      admitted: true,
    });
    expect(another.expiresAt).toBe(another.createdAt + 2 * 60 * 60_000);
    const { out } = await place.run('hold', 'ls');
    expect(out).toMatch(
      new RegExp(
        `^${another.id}\\theld\\t\\d+/test\\tfailure\\tlocal/host\\tadministrator\\t.*it is odd$`,
        'm',
      ),
    );
    const nodes = await place.run('nodes');
    expect(nodes.out).toMatch(
      new RegExp(
        `^${another.node.id}\\theld\\t.*held for administrator until .*\\(hold ${another.id}\\)$`,
        'm',
      ),
    );
    const job = `${another.build.number}/test`;
    expect((await place.run('explain', job)).out).toContain(`(hold ${another.id})`);

    expect(await place.run('hold', 'release', another.id)).toMatchObject({ exit: 0 });
    expect((await place.run('hold', 'ls')).out).not.toContain(another.id);
    expect((await place.run('hold', 'ls', '--all')).out).toMatch(
      new RegExp(`^${another.id}\\treleased\\t.*was released by administrator$`, 'm'),
    );
  });

  test.each([
    ['a job that has ended', () => [`${hold.build.number}/test`], 75, 'hold show'],
    ['a job that there is not', () => ['9999/test'], 66, '9999'],
    ['no duration', () => ['1/test', '--for', '4'], 64, 'write for example'],
    ['a key that is none', () => ['1/test', '--key', 'footman.yaml'], 64, 'no public key'],
    ['a private key', () => ['1/test', '--key', 'own'], 64, 'own.pub'],
  ])('refuses %s', async (_what, args, exit, words) => {
    const ended = await place.run('hold', ...args());
    expect(ended.exit).toBe(exit);
    expect(ended.err).toContain(words);
  });
});

describe('footman hold shell', () => {
  test('is a terminal in the world of the step that failed, and leaves this one as it was', async () => {
    const script = `stty -g > before; "$1" hold shell "$2"; code=$?; stty -g > after; exit $code`;
    const terminal = inTerminal('sh', '-c', script, 'sh', FOOTMAN, hold.id);
    await terminal.shown('footman-rerun');
    // What is typed before a prompt may be lost.
    const enter = async (line: string): Promise<void> => {
      await terminal.shown('ready> ');
      terminal.type(`${line}\n`);
    };
    terminal.type(`PS1='re''ady> '\n`);
    await enter('stty size; cat src/answer; [ -t 0 ] && echo "a $((1 + 1))-way terminal"');
    await terminal.shown('30 100\r\n6 * 7\r\na 2-way terminal\r\n');
    terminal.resize({ columns: 77, rows: 22 });
    await enter('while [ "$(stty size)" != "22 77" ]; do :; done; echo "now $((20 + 2))"');
    await terminal.shown('now 22');
    await enter('footman-rerun; echo "ended $?"');
    await terminal.shown('got 42, expected 41\r\nended 1');
    await enter('EXPECTED=42 footman-rerun; echo "ended $?"');
    await terminal.shown('ended 0');
    // Whoever says it is the one to be interrupted: between two programs there is nobody.
    await enter(`sh -c 'echo "wait"ing; exec cat'`);
    await terminal.shown('waiting\r\n');
    terminal.type('\x03');
    await enter('echo "cat ended $?"');
    await terminal.shown('cat ended 130');
    await enter('exit 7');
    expect((await terminal.ended).exit).toBe(7);
    expect(await textOf('after')).toBe(await textOf('before'));
  });

  test.each([
    [['exit 5'], 5],
    [['kill -TERM $$'], 143],
    [['sh', '-c', '[ "$1" = "a  b" ]', 'sh', 'a  b'], 0],
  ])('ends as the command does: %j', async (command, exit) => {
    expect((await inTerminal(FOOTMAN, 'hold', 'shell', hold.id, '--', ...command).ended).exit).toBe(exit);
  });

  test('without a terminal, runs commands only, and their output is plain', async () => {
    const { exit, out, err } = await place.run(
      'hold',
      'shell',
      hold.id,
      '--',
      'cat; printf "a\\nb\\n"; exit 4',
    );
    expect({ exit, out }).toEqual({ exit: 4, out: 'a\nb\n' });
    expect(err).toContain('standard input is no terminal');
    const shell = await place.run('hold', 'shell', hold.id);
    expect(shell.exit).toBe(64);
    expect(shell.err).toContain('a shell wants a terminal');
  });

  test('is cut off when the hold ends, says so, and leaves the terminal as it was', async () => {
    const { hold: short } = await heldJob();
    const terminal = inTerminal('sh', '-c', '"$1" hold shell "$2"; stty -a', 'sh', FOOTMAN, short.id);
    terminal.type('echo "in $((1 + 1))"\n');
    await terminal.shown('in 2');
    expect(await place.run('hold', 'release', short.id)).toMatchObject({ exit: 0 });
    const { screen } = await terminal.ended;
    expect(screen).toContain('the hold was released by administrator');
    expect(screen).toMatch(/ icanon/);
    expect(screen).toMatch(/ echo /);
    expect((await place.run('hold', 'shell', short.id, '--', 'true')).exit).not.toBe(0);
  });

  test('says who was there', async () => {
    await place.run('hold', 'shell', hold.id, '--', 'echo been here');
    const { out } = await place.run('hold', 'sessions', hold.id);
    expect(out).toMatch(/^\S+\texec\tadministrator\t127\.0\.0\.1\t.*\techo been here\t$/m);
  });
});

test('keys are added, shown and revoked', async () => {
  await place.write('both.pub', `# two\n${await textOf('own.pub')}\n${await textOf('other.pub')}`);
  const added = await place.run('hold', 'add-key', hold.id, '--key', 'both.pub');
  expect(added.exit).toBe(0);
  const [, other = ''] = /^(SHA256:\S+) opens hold/m.exec(added.out.split('\n')[1] ?? '') ?? [];
  expect((await place.run('hold', 'show', hold.id)).out).toMatch(
    new RegExp(`\\t${escaped(other)}\\tother\\t`),
  );
  expect(await place.run('hold', 'revoke-key', hold.id, other)).toMatchObject({ exit: 0 });
  expect((await place.run('hold', 'show', hold.id)).out).toMatch(
    new RegExp(`\\t${escaped(other)}\\tother\\t.*revoked by administrator`),
  );
  expect(await place.run('hold', 'revoke-key', hold.id, other)).toMatchObject({ exit: 66 });
  const log = await place.run('audit', '--subject', hold.id);
  expect(log.out).toMatch(new RegExp(`administrator\\thold.key-revoked\\t${hold.id}\\t.*${escaped(other)}`));
});

test('footman hold extend', async () => {
  expect(await place.run('hold', 'extend', hold.id, '--for', '9h')).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/ is held until .*, (9h|8h59m) from now\n/),
  });
  expect((await place.run('hold', 'extend', hold.id)).exit).toBe(64);
});

test('footman key, in a profile', async () => {
  const listed = await place.run('key', 'ls');
  const [, fingerprint = ''] = /^(SHA256:\S+)\town\t/m.exec(listed.out) ?? [];
  expect(await place.run('key', 'rm', fingerprint)).toMatchObject({ exit: 0 });
  expect((await place.run('key', 'ls')).out).toBe('');
  expect(await place.run('key', 'add', 'own.pub')).toMatchObject({ exit: 0 });
});

test('footman autohold', async () => {
  const added = await place.run('autohold', 'add', '--job', 'never-*', '--count', '2', '--for', '8h');
  expect(added).toMatchObject({
    exit: 0,
    out: expect.stringContaining('(job never-*) holds the next 2 failures'),
  });
  const listed = await place.run('autohold', 'ls');
  const [, id = ''] = /^(\S+)\tadministrator\tjob never-\*\t2 of 2\t8h\t/m.exec(listed.out) ?? [];
  expect(await place.run('autohold', 'rm', id)).toMatchObject({ exit: 0 });
  expect((await place.run('autohold', 'ls')).out).toBe('');
  // The shorter form; and one that would match everything by oversight.
  expect(await place.run('autohold', '--pipeline', 'never')).toMatchObject({ exit: 0 });
  expect(await place.run('autohold')).toMatchObject({ exit: 64, err: expect.stringContaining('--pipeline') });
});

test('footman token lets somebody have holds of their own, and no others', async () => {
  const { exit, out } = await place.run('token', 'alice', '--role', 'develop', '--for', '1h');
  expect(exit).toBe(0);
  const url = /listening on (\S+);/.exec(controller.output())?.[1] ?? '';
  const env = { ...place.env, FOOTMAN_URL: url, FOOTMAN_TOKEN: out.trim() };
  const asAlice = (...args: string[]) =>
    spawnSync(FOOTMAN, args, { cwd: place.folder, env, encoding: 'utf8' });
  expect(asAlice('hold', 'ls').stdout).toContain(hold.id);
  expect(asAlice('hold', 'release', hold.id)).toMatchObject({ status: 77, stdout: '' });
  expect(asAlice('hold', 'add-key', hold.id, '--key', 'other.pub')).toMatchObject({ status: 77 });
  expect(asAlice('hold', 'shell', hold.id, '--', 'true').status).not.toBe(0);
  expect(asAlice('token', 'bob', '--role', 'admin')).toMatchObject({ status: 77, stdout: '' });
  expect(asAlice('key', 'add', 'other.pub')).toMatchObject({ status: 0 });
  expect((await place.run('key', 'ls')).out).not.toContain('other');
});

test('footman rerun --hold holds what fails again', async () => {
  const { exit, out } = await place.run('rerun', String(hold.build.number), '--hold', '3h', '--follow');
  expect(exit).toBe(1);
  const [, id = ''] = /footman hold show (\S+)/.exec(out) ?? [];
  const { stdout } = { stdout: (await place.run('--json', 'hold', 'show', id)).out };
  const again = JSON.parse(stdout) as Hold;
  expect(again).toMatchObject({ origin: 'rerun', owner: 'administrator' });
  expect((again.expiresAt ?? 0) - again.createdAt).toBe(3 * 60 * 60_000);
});

function inTerminal(...command: string[]) {
  return runInTerminal(command, { cwd: place.folder, env: place.env });
}

interface Held {
  hold: Hold;
  asked: Ended;
  run: Ended;
}

/** Runs a job that fails, and asks for its node while it runs. */
async function heldJob(...options: string[]): Promise<Held> {
  const script =
    'until [ -e "$GO" ]; do sleep 0.02; done; got=$(($(cat src/answer))); echo "got $got, expected $EXPECTED"; test $got = $EXPECTED';
  const steps = `[{ run: mkdir -p src && echo '6 * 7' > src/answer && echo up }, { run: '${script}', env: { EXPECTED: '41', GO: '${join(place.folder, 'go')}' } }]`;
  await rm(join(place.folder, 'go'), { force: true });
  await place.write('held.yaml', `jobs: { test: { runs-on: linux, steps: ${steps} } }\n`);
  const running = place.start('run', 'held.yaml');
  await running.said('[test] up\n');
  const [{ number } = { number: 0 }] = (
    JSON.parse((await place.run('--json', 'builds', '--state', 'running')).out) as {
      builds: { number: number }[];
    }
  ).builds;
  const asked = await place.run('hold', `${number}/test`, ...options);
  await place.write('go', '');
  const run = await running.ended;
  const hold = (await holds()).find(({ build }) => build.number === number);
  if (hold === undefined) throw new Error(`nothing is held: ${asked.err}${run.out}`);
  return { hold, asked, run };
}

async function holds(): Promise<Hold[]> {
  return (JSON.parse((await place.run('--json', 'hold', 'ls')).out) as HoldList).holds;
}

function textOf(name: string): Promise<string> {
  return readFile(join(place.folder, name), 'utf8');
}

function escaped(text: string): string {
  return RegExp.escape(text);
}
