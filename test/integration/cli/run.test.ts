import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Build, BuildList, Event } from '#controller/api';
import { createPlace, type Place } from '#test/footman';

const exec = promisify(execFile);

let place: Place;

beforeAll(async () => {
  place = await createPlace();
  await place.write('ok.yaml', OK);
});

afterAll(() => place[Symbol.asyncDispose]());

describe('footman run', () => {
  test('shows the output of each step under its job, leaves artifacts, and ends with success', async () => {
    const { exit, out, err } = await place.run('run', 'ok.yaml');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out.split('\n').slice(0, 3)).toEqual(['[main] step 1/1 greet', '[main] hello', '[main] last']);
    expect(out).toMatch(/^\[main\] step 1\/1 success \(.+\)$/m);
    expect(out).toMatch(/^build 1 \(ok\): success in .+$/m);
    // eslint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\x1b\r]/);
    const folder = /^artifact out of main \(1 file, 5 B\): (.+)$/m.exec(out)?.[1] ?? '';
    expect(await readFile(join(folder, 'out.txt'), 'utf8')).toBe('data\n');
  });

  test('its controller goes with it, and leaves no node', async () => {
    await expect(stat(join(place.data, 'endpoint.json'))).rejects.toThrow('ENOENT');
    expect((await place.run('nodes')).out).toBe('');
    expect((await place.run('nodes', '--all')).out).toMatch(/^\w+\tdeleted\tlocal\/host\t/);
  });

  test('other commands find its build afterwards', async () => {
    expect((await place.run('builds')).out).toMatch(/^1\tsuccess\tok\tmanual\t\t\t[\d: -]+\t\S+\n$/);
    expect((await place.run('logs', '1/main/greet')).out).toBe('hello\nlast');
    expect((await place.run('logs', '1')).out).toMatch(
      /^==> main: greet <==\nhello\nlast\n==> main: store what the job leaves <==\nout: collecting\nout: 1 file, 5 B, .*\n$/,
    );
    expect((await place.run('artifacts', '1')).out).toMatch(/^main\tout\tcomplete\t1\t5\t\n$/);
  });

  test('speaks JSON to programs', async () => {
    const list = JSON.parse((await place.run('--json', 'builds')).out) as BuildList;
    expect(list.builds).toMatchObject([{ number: 1, result: 'success' }]);
    const lines = (await place.run('run', '--json', 'ok.yaml')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines.slice(0, -1).map((line) => (line as Event).kind)).toContain('step');
    expect((lines.at(-1) as { kind: string; build: Build }).build).toMatchObject({
      state: 'finished',
      result: 'success',
    });
  });

  test.each([
    ['failure', 1, job('      - run: exit 3\n')],
    ['timed-out', 124, job('      - run: sleep 60\n', '    timeout: 1s\n')],
  ])('a build that ends with %s ends the command with %i', async (result, code, pipeline) => {
    const { exit, out } = await place.run('run', await place.write('bad.yaml', pipeline));
    expect(exit).toBe(code);
    expect(out).toMatch(new RegExp(`^build \\d+ \\(bad\\): ${result} in .+: main ended ${result}: .+$`, 'm'));
  });

  test('the first interrupt cancels the build, and waits for it', async () => {
    const file = await place.write(
      'long.yaml',
      job('      - run: trap "echo bye; exit 0" TERM; echo up; sleep 60 & wait\n'),
    );
    const running = place.start('run', file);
    await running.said('[main] up');
    running.child.kill('SIGINT');
    const { exit, out, err } = await running.ended;
    expect(exit).toBe(130);
    expect(out).toContain('[main] bye');
    expect(out).toContain('cancelled by administrator');
    expect(err).toContain('is being cancelled');
  });

  test('a second one cancels it by force', async () => {
    const running = place.start('run', await place.write('stubborn.yaml', STUBBORN));
    await running.said('[main] up');
    running.child.kill('SIGINT');
    await running.said('another interrupt cancels it by force');
    running.child.kill('SIGINT');
    const { exit, out } = await running.ended;
    expect(exit).toBe(130);
    expect(out).toMatch(/^build \d+ \(stubborn\): cancelled in /m);
    expect((await place.run('nodes')).out).toBe('');
  });

  test('a third one ends it at once, and the next run clears up', { timeout: 90_000 }, async () => {
    const running = place.start('run', await place.write('stuck.yaml', STUBBORN));
    await running.said('[main] up');
    running.child.kill('SIGINT');
    await running.said('is being cancelled');
    // Force would end it soon: the third one must not come later.
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    const { exit, out } = await running.ended;
    // Of two signals that wait at once, either may be handled last.
    expect([130, 143]).toContain(exit);
    expect(out).not.toMatch(/^build \d+/m);
    expect((await place.run('run', 'ok.yaml')).exit).toBe(0);
    expect((await place.run('nodes')).out).toBe('');
    expect((await place.run('builds')).out).not.toContain('running');
  });

  test('two at a time share one controller', async () => {
    const first = place.start(
      'run',
      await place.write(
        'slow.yaml',
        job(`      - run: echo up; while [ ! -e ${place.folder}/go ]; do sleep 0.05; done\n`),
      ),
    );
    await first.said('[main] up');
    const second = await place.run('run', 'ok.yaml');
    await place.write('go', '');
    expect([second.exit, (await first.ended).exit]).toEqual([0, 0]);
  });
});

describe('the source of a build', () => {
  test('is the work tree as it is: tracked changes come along, untracked files do not, the repository stays as it was', async () => {
    const cwd = join(place.folder, 'repository');
    const git = async (...args: string[]) => (await exec('git', args, { cwd })).stdout;
    await exec('git', ['init', '--quiet', '--initial-branch=main', cwd]);
    await git('config', 'user.email', 'test@example.org');
    await git('config', 'user.name', 'test');
    await writeFile(join(cwd, 'tracked'), 'old\n');
    await writeFile(
      join(cwd, 'ci.yaml'),
      job('      - checkout: true\n      - { name: look, run: "cat tracked; ls; git log --format=%s" }\n'),
    );
    await git('add', '.');
    await git('commit', '--quiet', '--message=first');
    await writeFile(join(cwd, 'tracked'), 'new\n');
    await writeFile(join(cwd, 'untracked'), '');
    const before = [await git('for-each-ref'), await git('status', '--porcelain')];

    const { exit, out, err } = await place.run('run', 'repository/ci.yaml');

    expect(exit).toBe(0);
    expect(err).toMatch(
      /the source is main at [0-9a-f]{12}, with 1 file as modified, without 1 file that git does not track/,
    );
    expect(out).toContain('[main] new\n');
    expect(out).not.toContain('untracked');
    expect(out).toContain('[main] first\n');
    expect([await git('for-each-ref'), await git('status', '--porcelain')]).toEqual(before);
  });

  test('may be a shallow clone, and is the one that the file lies in', async () => {
    const origin = `file://${join(place.folder, 'repository')}`;
    await exec('git', ['-C', 'repository', 'commit', '--quiet', '--all', '--message=second'], {
      cwd: place.folder,
    });
    await exec('git', ['clone', '--quiet', '--depth=1', origin, 'shallow'], { cwd: place.folder });
    // As in a hook of another repository.
    place.env['GIT_DIR'] = join(place.folder, 'repository/.git');
    const { exit, out } = await place.run('run', 'shallow/ci.yaml');
    delete place.env['GIT_DIR'];
    expect(exit).toBe(0);
    expect(out).toContain('[main] second\n');
    expect(out).not.toContain('[main] first\n');
  });

  test('that is nowhere is told before anything starts', async () => {
    const { exit, err } = await place.run(
      'run',
      await place.write('lost.yaml', job('      - checkout: true\n')),
    );
    expect(exit).toBe(65);
    expect(err).toContain('is in no git work tree');
    expect(err).toContain('hint: ');
  });
});

function job(steps: string, more = ''): string {
  return `jobs:\n  main:\n    runs-on: linux\n${more}    steps:\n${steps}`;
}

const STUBBORN = job('      - run: trap "" TERM; echo up; while :; do sleep 1; done\n');

const OK = `${job('      - { name: greet, run: "echo hello; echo data > out.txt; printf last" }\n')}    artifacts: [{ name: out, paths: [out.txt] }]
`;
