import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatProblem } from '#shared/document';
import { parseModel } from './index.ts';

test("the repository's own model can be read", async () => {
  const file = new URL('../models/default.yaml', import.meta.url);
  const parsed = parseModel(await readFile(file, 'utf8'), 'default.yaml');
  expect(parsed).toMatchObject({
    ok: true,
    model: {
      jobs: { perArrival: { min: 8, max: 8 } },
      clouds: [
        { name: 'docker', templates: [{ connect: { medianMs: 400, p95Ms: 1000 } }] },
        { name: 'openstack', launchRate: { perMinute: 60, burst: 10 } },
      ],
    },
  });
});

test('every mistake of a model is told with its place', () => {
  const source = `
jobs: { kinds: [{ runs-on: 'a &&', duration: { median: 2m, p95: 1m } }] }
clouds:
  one: { templates: {} }
  two: { templates: { only: { labels: a, launch: 5, connect: 0s, remove: 1s, failure-rate: 2 } } }
`;
  const parsed = parseModel(source, 'm.yaml');
  const lines = parsed.ok ? [] : parsed.problems.map(formatProblem);
  expect(lines.map((line) => line.split(': ').slice(0, 1).join())).toEqual([
    'm.yaml:2:28',
    'm.yaml:2:46',
    'm.yaml:4:21',
    'm.yaml:5:50',
    'm.yaml:5:92',
  ]);
  expect(lines.join('\n')).toMatch(/p95 not less than it/);
  expect(lines.join('\n')).toMatch(/a cloud needs a template/);
});
