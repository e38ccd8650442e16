import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCutFixture, type CutFixture } from '#test/cut-fixture';
import { numberedLines, stepNamed } from '#test/pipelines';

let fixture: CutFixture;
let controller: CutFixture['controller'];
let proxy: CutFixture['proxy'];

beforeAll(async () => {
  fixture = await startCutFixture();
  ({ controller, proxy } = fixture);
});

afterAll(() => fixture[Symbol.asyncDispose]());

test('the connection is cut ten times in a job: the log is complete and in order, the job ends once (I3, I4)', async () => {
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps:
      - name: count
        run: i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo "line $i"; sleep 0.01; done
      - { name: after, run: echo done }
`);
  const step = stepNamed(await controller.api.build(id), 'count');
  for (let cut = 1; cut <= 10; cut += 1) {
    await controller.api.logged(step.id, `line ${cut * 50}\n`);
    await proxy.cut();
  }
  const build = await controller.api.finished(id);
  expect(build.result).toBe('success');
  expect(await controller.api.log(step.id)).toBe(numberedLines(600));
  expect(await controller.api.log(stepNamed(build, 'after').id)).toBe('done\n');
});

test('cut in the middle of a flood: no byte is lost or repeated', async () => {
  // The flood may be over before its last line is seen here: the step stays until it was cut often enough.
  const gate = join(controller.folder, 'gate');
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps:
      - name: flood
        run: seq -f "line %.0f" 400000; until [ -e ${gate} ]; do sleep 0.01; done
`);
  const step = stepNamed(await controller.api.build(id), 'flood');
  for (const line of [1000, 100_000, 200_000, 300_000]) {
    await controller.api.logged(step.id, `line ${line}\n`);
    await proxy.cut();
  }
  await writeFile(gate, '');
  const build = await controller.api.finished(id);
  expect(build.result).toBe('success');
  expect(await controller.api.log(step.id)).toBe(numberedLines(400_000));
});
