import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer, type ApiServer } from '#test/api-server';
import { formatProblem, type Problem } from '#shared/document';

/** The golden set of pipelines; `ci/` has their files of templates. */
const GOLDEN = new URL('../../golden/pipeline/', import.meta.url);

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

test('every malformed pipeline is answered with its mistakes at their places, and the controller goes on', async () => {
  const templates = filesOfTemplates();
  const malformed = readdirSync(GOLDEN).filter((file) => file.endsWith('.yaml') && isMalformed(file));
  expect(malformed.length).toBeGreaterThan(100);

  for (const file of malformed) {
    const response = await api.post('/builds', { file, pipeline: textOf(file), templates });
    const { error } = (await response.json()) as { error: { code: string; problems: Problem[] } };
    expect([file, response.status, error.code]).toEqual([file, 400, 'document-invalid']);
    const lines = error.problems.map((problem) => `${formatProblem(problem)}\n`).join('');
    expect(lines).toBe(expectedOf(file));
  }
  expect((await api.get<{ builds: unknown[] }>('/builds')).builds).toEqual([]);
});

/** A good one's is the pipeline as JSON, after warnings. */
function isMalformed(file: string): boolean {
  return !/^\{$/m.test(expectedOf(file));
}

function expectedOf(file: string): string {
  return textOf(file.replace(/yaml$/, 'expected'));
}

function textOf(file: string): string {
  return readFileSync(new URL(file, GOLDEN), 'utf8');
}

function filesOfTemplates(): Record<string, string> {
  const folder = new URL('ci/', GOLDEN);
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return Object.fromEntries(files.map((file) => [`ci/${file}`, readFileSync(new URL(file, folder), 'utf8')]));
}
