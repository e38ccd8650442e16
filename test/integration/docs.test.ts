import { mkdir, readFile } from 'node:fs/promises';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfiguration } from '#controller/config';
import { createPlace, type Place } from '#test/footman';

const HERE = join(import.meta.dirname, '../..');

const PAGES = ['README.md', 'docs/usage/*.md'];

let place: Place;

beforeAll(async () => {
  place = await createPlace();
  await mkdir(join(place.folder, '.git'));
});

afterAll(() => place[Symbol.asyncDispose]());

test('every pipeline in the documentation is one', async () => {
  const files = (await Promise.all(globSync(PAGES, { cwd: HERE }).map(filesIn))).flat();
  for (const { path, text } of files) {
    await mkdir(join(place.folder, dirname(path)), { recursive: true });
    await place.write(path, text);
  }
  const pipelines = files.filter(({ isPipeline }) => isPipeline).map(({ path }) => path);
  expect(pipelines.length).toBeGreaterThan(15);
  expect(await place.run('lint', '--deny-warnings', ...pipelines)).toEqual({ exit: 0, out: '', err: '' });
});

test('every configuration in the documentation is one', async () => {
  const pages = globSync(['README.md', 'docs/administration/*.md'], { cwd: HERE });
  const blocks = (await Promise.all(pages.map(configurationsIn))).flat();
  expect(blocks.length).toBeGreaterThan(2);
  for (const { path, text } of blocks) {
    await mkdir(join(place.folder, dirname(path)), { recursive: true });
    const file = join(place.folder, await place.write(path, text));
    await expect(
      loadConfiguration({ file, env: variablesIn(text), overrides: {} }),
      path,
    ).resolves.toBeDefined();
  }
});

test('every storage among the examples is one', async () => {
  const files = globSync('examples/storage/*.yaml', { cwd: HERE });
  expect(files).toHaveLength(3);
  for (const path of files) {
    const file = join(HERE, path);
    const env = variablesIn(await readFile(file, 'utf8'));
    const { blobs } = await loadConfiguration({ file, env, overrides: {} });
    expect(path).toContain(`${blobs.kind}.yaml`);
  }
});

test('every configuration among the examples is one, without warnings', async () => {
  const files = globSync('examples/**/footman.yaml', { cwd: HERE });
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const { exit, out, err } = await place.run('config', 'check', join(HERE, file));
    expect({ exit, out, err }, file).toEqual({
      exit: 0,
      out: expect.stringMatching(/^no mistakes/),
      err: '',
    });
  }
});

test('every link in the documentation leads somewhere', async () => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'simulator/**/*.md'], { cwd: HERE });
  const links = (await Promise.all(pages.map(linksIn))).flat();
  expect(links.length).toBeGreaterThan(80);
  expect((await Promise.all(links.map(whyDead))).flat()).toEqual([]);
});

/** The variables of the environment that a configuration names, all set. */
function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/-env: (\w+)/g)].map(({ 1: name = '' }) => [name, 'set']));
}

interface Link {
  page: string;
  target: string;
}

/** Those to other files and headings of this repository. */
async function linksIn(page: string): Promise<Link[]> {
  const text = (await readFile(join(HERE, page), 'utf8'))
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, '`');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(({ 1: target = '' }) =>
    /^\w+:/.test(target) ? [] : [{ page, target }],
  );
}

async function whyDead({ page, target }: Link): Promise<string[]> {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? join(HERE, page) : join(HERE, dirname(page), path);
  if (!existsSync(file)) return [`${page}: there is no file ${path}`];
  if (heading === undefined) return [];
  const headings = [...(await readFile(file, 'utf8')).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    anchorOf(title),
  );
  return headings.includes(heading) ? [] : [`${page}: there is no heading #${heading} in ${path}`];
}

/** As GitHub makes them. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Blocks of YAML that name clouds. */
async function configurationsIn(page: string): Promise<Pick<Written, 'path' | 'text'>[]> {
  const text = await readFile(join(HERE, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].flatMap(({ index, 1: block = '' }) => {
    const path = `${page}-${text.slice(0, index).split('\n').length}.yaml`;
    if (/^clouds:/m.test(block)) return [{ path, text: block }];
    return /^blobs:/m.test(block) ? [{ path, text: `${block}clouds: {}\n` }] : [];
  });
}

interface Written {
  path: string;
  text: string;
  isPipeline: boolean;
}

/** Blocks of YAML that are pipelines, jobs' steps, or files of templates, which say their path in a comment. Lines are those of the page. */
async function filesIn(page: string): Promise<Written[]> {
  const text = await readFile(join(HERE, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].flatMap(({ index, 1: block = '' }): Written[] => {
    const line = text.slice(0, index).split('\n').length;
    const path = `${page}-${line}.yaml`;
    if (/^jobs:/m.test(block)) return [{ path, text: block, isPipeline: true }];
    if (/^steps:/m.test(block)) return [{ path, text: asPipeline(block), isPipeline: true }];
    const named = /^# (\S+\.yaml)\ntemplates:/.exec(block)?.[1];
    return named === undefined ? [] : [{ path: named, text: block, isPipeline: false }];
  });
}

function asPipeline(steps: string): string {
  return `jobs:\n  job:\n    runs-on: linux\n${steps.replaceAll(/^(?=.)/gm, '    ')}`;
}
