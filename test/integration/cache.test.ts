import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { stepNamed } from '#test/pipelines';

let controller: EmbeddedController;

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, max-nodes: 2, templates: { host: { labels: linux } } } }',
  );
});

afterAll(() => controller.dispose());

test('a build restores what an earlier one saved, by the key or by its beginning', async () => {
  const key = 'deps-1';
  const first = await run({ key, make: 'mkdir -p deps; echo one > deps/file' });
  expect(await logOf(first, 'restored')).toBe('hit=false matched= file=\n');
  const second = await run({ key, make: 'echo two > deps/file' });
  expect(await logOf(second, 'restored')).toBe('hit=true matched=deps-1 file=one\n');
  const third = await run({ key: 'deps-2', make: 'echo three > deps/file' });
  expect(await logOf(third, 'restored')).toBe('hit=false matched=deps-1 file=one\n');
  const fourth = await run({ key: 'deps-2', make: 'true' });
  expect(await logOf(fourth, 'restored')).toBe('hit=true matched=deps-2 file=three\n');
});

test('a job that fails saves nothing, and nothing to save is no failure', async () => {
  const key = 'other-1';
  expect(await run({ key, make: 'mkdir deps; echo bad > deps/file; exit 1' })).toMatchObject({
    result: 'failure',
  });
  const empty = await run({ key, make: 'true' });
  expect(empty.result).toBe('success');
  expect(await logOf(empty, 'restored')).toBe('hit=false matched= file=\n');
});

async function run({ key, make }: { key: string; make: string }): Promise<BuildView> {
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps:
      - id: deps
        cache: { key: ${key}, restore-keys: [${key.slice(0, -1)}], paths: [deps] }
      - name: restored
        env: { HIT: "\${{ steps.deps.outputs.cache-hit }}", MATCHED: "\${{ steps.deps.outputs.cache-matched-key }}" }
        run: echo "hit=$HIT matched=$MATCHED file=$(cat deps/file 2>/dev/null)"
      - { name: make, run: "${make}" }
`);
  return controller.api.finished(id);
}

function logOf(build: BuildView, name: string): Promise<string> {
  return controller.api.log(stepNamed(build, name).id);
}
