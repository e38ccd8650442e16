import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import { createProjects, type Projects } from '#controller/projects';
import type { Project } from '#controller/store';
import { createWidgetRepository, widgetProject, type WidgetRepository } from '#test/widget-repository';

const run = promisify(execFile);
const { signal } = new AbortController();

const PIPELINE = 'jobs: { test: { runs-on: linux, steps: [{ run: "true" }] } }\n';

/** Templates with one job that runs this. */
function template(command: string): string {
  return `templates: { unit: { job: { runs-on: linux, steps: [{ run: ${command} }] } } }\n`;
}

let folder: string;
let widget: WidgetRepository;
let blobs: Blobs;
let projects: Projects;
let head: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-projects-'));
  widget = await createWidgetRepository(join(folder, 'remote'));
  blobs = await openFsBlobs({ folder: join(folder, 'blobs'), secret: Buffer.alloc(32, 1) });
  projects = await createProjects({
    folder: join(folder, 'projects'),
    blobs,
    secretOf: async () => undefined,
  });
  await widget.commit({ branch: 'main', files: { 'README.md': 'widgets' }, message: 'First' });
  head = await widget.commit({
    branch: 'main',
    files: { '.footman.yaml': PIPELINE },
    message: 'Second\n\nIt is built.',
  });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a mirror', () => {
  test('follows the branches and tags of the repository, and forgets those that are gone', async () => {
    await widget.commit({ branch: 'topic', from: head, files: { a: '1' } });
    const tag = await widget.tag('v1.0', head);
    await projects.refresh(project(), [], signal);
    const repository = projects.repository(project(), signal);
    expect(await repository.resolve('main')).toEqual({
      commit: head,
      ref: 'refs/heads/main',
      branch: 'main',
    });
    expect(await repository.resolve('v1.0')).toEqual({ commit: head, ref: 'refs/tags/v1.0', tag: 'v1.0' });
    expect(await repository.resolve(head.slice(0, 10))).toEqual({ commit: head, ref: null });
    expect(await repository.commitOf(tag)).toBe(head);

    await widget.point('refs/heads/topic', null);
    await projects.refresh(project(), [], signal);
    expect(await repository.resolve('topic')).toBeUndefined();
  });

  test.each([
    '--all',
    'HEAD',
    'main~1',
    'main:README.md',
    '@{upstream}',
    '',
    'refs/heads/../main',
    ':/Second',
  ])('finds nothing under %j, which git would take for something else', async (name) => {
    await projects.refresh(project(), [], signal);
    expect(await projects.repository(project(), signal).resolve(name)).toBeUndefined();
  });

  test('works on after a fetch that was killed has left its locks', async () => {
    await projects.refresh(project(), [], signal);
    const mirror = join(folder, 'projects', 'p1.git');
    await writeFile(join(mirror, 'packed-refs.lock'), '');
    await writeFile(join(mirror, 'refs', 'heads', 'main.lock'), '');
    const next = await widget.commit({ branch: 'main', files: { b: '2' } });
    await projects.refresh(project(), [], signal);
    expect(await projects.repository(project(), signal).resolve('main')).toMatchObject({ commit: next });
  });

  test('says why a repository can not be fetched', async () => {
    const missing = project({ repository: join(folder, 'nothing.git') });
    await expect(projects.refresh(missing, [], signal)).rejects.toMatchObject({
      code: 'repository-unreachable',
      message: expect.stringContaining('nothing.git'),
    });
    const nameless = project({ token_secret: 'TOKEN' });
    await expect(projects.refresh(nameless, [], signal)).rejects.toThrow(
      'the project widget has no secret TOKEN',
    );
  });

  test('runs nothing that the repository or an address names', async () => {
    const touched = join(folder, 'touched');
    const evil = project({ repository: `ext::sh -c "touch% ${touched}"` });
    await expect(projects.refresh(evil, [], signal)).rejects.toMatchObject({ code: 'request-invalid' });
    const hook = join(folder, 'projects', 'p1.git', 'hooks', 'reference-transaction');
    await projects.refresh(project(), [], signal);
    await run('mkdir', ['-p', join(folder, 'projects', 'p1.git', 'hooks')]);
    await writeFile(hook, `#!/bin/sh\ntouch ${touched}\n`, { mode: 0o755 });
    await widget.commit({ branch: 'main', files: { c: '3' } });
    await projects.refresh(project(), [], signal);
    expect(await readdir(folder)).not.toContain('touched');
  });

  test('asks for the default branch', async () => {
    await widget.git('symbolic-ref', 'HEAD', 'refs/heads/trunk');
    await widget.commit({ branch: 'trunk', from: head, files: {} });
    expect(await projects.defaultBranch(project(), signal)).toBe('trunk');
  });
});

describe('what is read of a commit', () => {
  test('the message, the author, the changed paths', async () => {
    const topic = await widget.commit({
      branch: 'topic',
      from: head,
      files: { 'README.md': null, 'docs/ä b.md': 'x' },
    });
    await widget.commit({ branch: 'main', files: { other: '1' } });
    await projects.refresh(project(), [], signal);
    const repository = projects.repository(project(), signal);
    expect(await repository.textOf(head)).toEqual({
      author: 'Jane Doe',
      title: 'Second',
      message: expect.stringContaining('It is built.'),
    });
    expect(await repository.mergeBase('refs/heads/main', topic)).toBe(head);
    expect(await repository.changedPaths(head, topic)).toEqual(['README.md', 'docs/ä b.md']);
  });

  test('what a commit says of itself is a line for people, however much it says', async () => {
    const message = `\u001b[2Jx\u009b${'y'.repeat(90_000)}\n\nmore`;
    const commit = await widget.commit({ branch: 'main', files: {}, message });
    await projects.refresh(project(), [], signal);
    const text = await projects.repository(project(), signal).textOf(commit);
    expect(text.title).toMatch(/^\[2Jx y{400}/);
    expect(text.title.length).toBeLessThanOrEqual(500);
  });

  test('regular files alone: no link is followed, and no path leaves the repository', async () => {
    const commit = await widget.commit({
      branch: 'main',
      files: { link: { link: '/etc/passwd' }, folder: { link: '..' }, 'ci/a.yaml': 'a' },
    });
    await projects.refresh(project(), [], signal);
    const repository = projects.repository(project(), signal);
    const found = async (path: string) => (await repository.file(commit, path))?.path;
    expect(await found('ci/a.yaml')).toBe('ci/a.yaml');
    for (const path of [
      'link',
      'folder/x',
      '../x',
      '/etc/passwd',
      'ci',
      '',
      './ci/a.yaml',
      ':(top)ci/a.yaml',
    ])
      expect(await found(path), path).toBeUndefined();
  });
});

describe('pipeline files', () => {
  test('are those that the globs name, without links and names that are not for people', async () => {
    const commit = await widget.commit({
      branch: 'main',
      files: {
        '.footman/a.yaml': PIPELINE,
        '.footman/deep/b.yaml': PIPELINE,
        '.footman/link.yaml': { link: '../.footman.yaml' },
        '.footman/broken.yaml': 'jobs: 7\n',
        '.footman/\u001b[2J\nbuild 7.yaml': PIPELINE,
        [`.footman/${'x'.repeat(250)}.yaml`]: PIPELINE,
        'ci.yaml': PIPELINE,
      },
    });
    await projects.refresh(project(), [], signal);
    const found = await projects.pipelines(project(), commit, signal);
    expect(found.map(({ file, parsed }) => [file, parsed.ok])).toEqual([
      ['.footman.yaml', true],
      ['.footman/a.yaml', true],
      ['.footman/broken.yaml', false],
    ]);
    const other = project({ pipelines: ['**/b.yaml', 'ci.yaml'] });
    const named = (await projects.pipelines(other, commit, signal)).map(({ file }) => file);
    expect(named).toEqual(['.footman/deep/b.yaml', 'ci.yaml']);
  });

  test('use the templates of their own commit', async () => {
    const uses = 'jobs: { test: { uses: "./ci/common.yaml#unit" } }\n';
    const files = { '.footman.yaml': uses, 'ci/common.yaml': template('first') };
    const first = await widget.commit({ branch: 'main', files });
    const second = await widget.commit({ branch: 'main', files: { 'ci/common.yaml': template('second') } });
    const third = await widget.commit({
      branch: 'main',
      files: { 'ci/common.yaml': { link: '/etc/hostname' } },
    });
    await projects.refresh(project(), [], signal);
    const parsedAt = async (commit: string) =>
      (await projects.pipelines(project(), commit, signal))[0]?.parsed;
    expect(JSON.stringify(await parsedAt(first))).toContain('"run":"first"');
    expect(JSON.stringify(await parsedAt(second))).toContain('"run":"second"');
    expect(await parsedAt(third)).toMatchObject({ ok: false });
  });

  test('that are huge are not read', async () => {
    const commit = await widget.commit({
      branch: 'main',
      files: { '.footman.yaml': `#${'x'.repeat(2 ** 21)}` },
    });
    await projects.refresh(project(), [], signal);
    const [found] = await projects.pipelines(project(), commit, signal);
    expect(found?.parsed).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining('1 MiB') }],
    });
  });
});

test('of pipeline files that are large together, those beyond the limit are not read', async () => {
  const padding = `#${'x'.repeat(1_000_000)}\n`;
  const files = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`.footman/${name}.yaml`, padding + PIPELINE]),
  );
  const commit = await widget.commit({ branch: 'main', files });
  await projects.refresh(project(), [], signal);
  const found = await projects.pipelines(project(), commit, signal);
  expect(found.map(({ parsed }) => parsed.ok)).toEqual([true, true, true, true, true, true, false]);
  expect(found.at(-1)?.parsed).toMatchObject({
    problems: [{ message: expect.stringContaining('together') }],
  });
});

describe("a build's source", () => {
  test('has the commit with its history, and needs no network', async () => {
    await projects.refresh(project(), [], signal);
    const source = await projects.source(project(), head, 'refs/heads/main', signal);
    expect(source).toMatchObject({ commit: head, ref: 'refs/heads/main', blob: `sources/${source.sha256}` });
    expect(await unpack(source.blob)).toEqual(['Second', 'First']);
  });

  test('has as many commits as the project wants', async () => {
    await projects.refresh(project(), [], signal);
    const source = await projects.source(project({ depth: 1 }), head, null, signal);
    expect(await unpack(source.blob)).toEqual(['Second']);
  });

  test('of a commit that no branch has any more', async () => {
    await projects.refresh(project(), [], signal);
    const over = await widget.commit({ branch: 'main', files: { d: '4' } });
    await widget.point('refs/heads/main', head);
    await widget.point('refs/pull/7/head', over);
    await projects.refresh(project(), ['refs/pull/7/head'], signal);
    const source = await projects.source(project({ depth: 2 }), over, 'refs/pull/7/head', signal);
    expect(await unpack(source.blob)).toHaveLength(2);
  });

  test('is stored once, and again when it was lost', async () => {
    await projects.refresh(project(), [], signal);
    const first = await projects.source(project(), head, 'refs/heads/main', signal);
    const second = await projects.source(project(), head, null, signal);
    expect(second).toEqual({ ...first, ref: null });
    await blobs.remove(first.blob, signal);
    const third = await projects.source(project(), head, null, signal);
    expect(await blobs.head(third.blob, signal)).toBeDefined();
  });
});

/** As a node does it (`controller/checkout`): titles of the history, newest first. */
async function unpack(blob: string): Promise<string[]> {
  const place = await mkdtemp(join(folder, 'node-'));
  const { stream } = await blobs.get(blob, {}, signal);
  await writeFile(join(place, 'source.bundle'), await buffer(stream));
  const script = `
    set -e
    git init --quiet work; cd work
    git bundle list-heads ../source.bundle | sed -n 's, refs/shallow/.*,,p' >.git/shallow
    [ -s .git/shallow ] || rm .git/shallow
    commit=$(git bundle list-heads ../source.bundle | sed -n 's, refs/heads/footman,,p')
    git bundle unbundle ../source.bundle >/dev/null
    git checkout --quiet --detach "$commit"
    git log --format=%s`;
  const { stdout } = await run('sh', ['-c', script], { cwd: place });
  return stdout.trim().split('\n');
}

function project(change: Partial<Project> = {}): Project {
  return widgetProject({ repository: widget.path, ...change });
}
