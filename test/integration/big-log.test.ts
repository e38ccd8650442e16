import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { stepNamed } from '#test/pipelines';

const LINES = 1_000_000;
const WIDTH = 80;

let controller: EmbeddedController;

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, templates: { host: { labels: linux } } } }',
  );
});

afterAll(() => controller.dispose());

test('a million lines: every byte is stored, in order, and a reader who does not read costs no memory', async () => {
  const { id } = await controller.api.submit(`
jobs:
  a: { runs-on: linux, steps: [{ name: big, run: 'seq -f "%0${WIDTH - 1}.0f" ${LINES}' }] }
`);
  const step = stepNamed(await controller.api.build(id), 'big');
  const lazy = await followWithoutReading(step.id);
  const before = process.memoryUsage().rss;
  const build = await controller.api.finished(id);
  const grown = process.memoryUsage().rss - before;
  lazy.destroy();

  expect(build.result).toBe('success');
  expect(grown).toBeLessThan((LINES * WIDTH) / 2 + 64 * 1024 * 1024);
  const stored = await controller.api.log(step.id);
  expect(digest(stored)).toBe(digest(expectedLog()));
});

/** A live reader that takes the first bytes and then stops. */
async function followWithoutReading(stepId: string) {
  const headers = { authorization: `Bearer ${await controller.token()}` };
  const call = request(`${controller.url}/api/v1/steps/${stepId}/log?follow=true`, { headers });
  const { promise, resolve } = Promise.withResolvers<void>();
  call.on('response', (response) => {
    response.pause();
    resolve();
  });
  call.on('error', () => undefined);
  call.end();
  await promise;
  return call;
}

function expectedLog(): string {
  return Array.from({ length: LINES }, (_, index) => `${String(index + 1).padStart(WIDTH - 1, '0')}\n`).join(
    '',
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
