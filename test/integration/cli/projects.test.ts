import { mkdir, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, type Place } from '#test/footman';

let place: Place;
let repository: string;

beforeAll(async () => {
  place = await createPlace();
  repository = join(place.folder, 'widget');
  await mkdir(repository);
  await writeFile(join(repository, '.footman.yaml'), PIPELINE);
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.footman.yaml');
  git('-c', 'user.name=me', '-c', 'user.email=me@localhost', 'commit', '--quiet', '--message', 'first');
  await place.run('project', 'add', 'widget', repository, '--webhook-secret', 'WEBHOOK');
});

afterAll(() => place[Symbol.asyncDispose]());

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: repository });
}

describe('footman project', () => {
  test('build sees the build through where no controller would', async () => {
    const { exit, out } = await place.run('project', 'build', 'widget', '-p', 'who=you');
    expect(exit).toBe(0);
    expect(out).toContain('[greet] step 1/1 greet you\n[greet] hello you\n');
    expect(out).toMatch(/^build 1 \(widget\): success in /m);
  });

  test('schedules lists what the default branch has, with the times that H came to', async () => {
    // A new project is looked at when there is time for it.
    await expect
      .poll(list, { timeout: 30_000 })
      .toMatch(/^\.footman\.yaml\tH 3 \* \* \*\t\d+ 3 \* \* \*\tEurope\/Berlin\t\d{4}-.*$/m);
  });

  test('set takes a setting away with an empty value', async () => {
    expect((await place.run('project', 'show', 'widget')).out).toContain('webhookSecret\tWEBHOOK\n');
    const { exit, err } = await place.run('project', 'set', 'widget', '--webhook-secret', '');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect((await place.run('project', 'show', 'widget')).out).toContain('webhookSecret\t\n');
  });

  test('set gives it a share of scarce nodes and a limit, which 0 takes away', async () => {
    expect((await place.run('project', 'set', 'widget', '--share', '3', '--max-nodes', '20')).exit).toBe(0);
    expect((await place.run('project', 'show', 'widget')).out).toContain('share\t3\nmaxNodes\t20\n');
    expect((await place.run('project', 'set', 'widget', '--max-nodes', '0')).exit).toBe(0);
    expect((await place.run('project', 'show', 'widget')).out).toContain('share\t3\nmaxNodes\t\n');
    const { exit, err } = await place.run('project', 'set', 'widget', '--share', '0');
    expect({ exit, named: err.includes('share') }).toEqual({ exit: 64, named: true });
  });

  test('a wrong setting is told once', async () => {
    const { exit, err } = await place.run('project', 'set', 'widget', '--branch', 'a b');
    expect(exit).toBe(64);
    expect(err.match(/is no name of a branch/g)).toHaveLength(1);
  });

  test('a wrong parameter names itself once', async () => {
    const { exit, err } = await place.run('explain', '-p', 'whom=you', join(repository, '.footman.yaml'));
    expect(exit).toBe(64);
    expect(err).toBe('footman: there is no parameter whom (did you mean who?)\n');
  });
});

const PIPELINE = `
name: widget
on:
  schedule: [{ cron: H 3 * * *, timezone: Europe/Berlin }]
  manual: { parameters: { who: world } }
jobs:
  greet:
    runs-on: process
    steps:
      - name: greet \${{ parameters.who }}
        env: { WHO: '\${{ parameters.who }}' }
        run: echo "hello $WHO"
`;

async function list(): Promise<string> {
  return (await place.run('project', 'schedules', 'widget')).out;
}
