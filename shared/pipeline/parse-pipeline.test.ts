import { expect, test } from 'vitest';
import { parsePipeline } from './index.ts';

const USER = 'jobs: { a: { runs-on: x, steps: [{ uses: ./ci/a.yaml#t }, { uses: ./ci/a.yaml#t }] } }';
const FILES = new Map([
  ['ci/a.yaml', 'templates: { t: { steps: [{ uses: ./ci/b.yaml#t }] } }'],
  ['ci/b.yaml', 'templates: { t: { steps: [{ run: "echo ${{ build.title }}" }] } }'],
]);

test('a pipeline names the files that it was made of, and asks for each once', () => {
  const asked: string[] = [];
  const parsed = parsePipeline(USER, 'ci.yaml', {
    include(path) {
      asked.push(path);
      return FILES.get(path);
    },
  });
  expect(parsed).toMatchObject({ ok: true, includes: ['ci/a.yaml', 'ci/b.yaml'] });
  expect(asked).toEqual(['ci/a.yaml', 'ci/b.yaml']);
});

test('a warning does not stop a pipeline, and tells the file that it is in', () => {
  const parsed = parsePipeline(USER, 'ci.yaml', { include: (path) => FILES.get(path) });
  const warning = expect.objectContaining({ file: 'ci/b.yaml', line: 1, severity: 'warning' });
  expect(parsed).toMatchObject({ ok: true, warnings: [warning] });
});

test('without a repository no template can be used', () => {
  const parsed = parsePipeline(USER, 'ci.yaml');
  expect(parsed).toMatchObject({ ok: false, problems: [{ message: "templates can't be used here" }, {}] });
});

test('a mistake in one file hides none in another', () => {
  const parsed = parsePipeline(`${USER}\nnmae: x`, 'ci.yaml', {
    include: (path) => FILES.get(path)?.replace('run:', 'rnu:'),
  });
  const files = parsed.ok ? [] : parsed.problems.map(({ file }) => file);
  expect(new Set(files)).toEqual(new Set(['ci.yaml', 'ci/b.yaml']));
});
