import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCutFixture, type CutFixture } from '#test/cut-fixture';
import { processesOfNode, signalProcesses } from '#test/node-traces';
import { stepNamed } from '#test/pipelines';

let fixture: CutFixture;
let controller: CutFixture['controller'];
let proxy: CutFixture['proxy'];

beforeAll(async () => {
  fixture = await startCutFixture();
  ({ controller, proxy } = fixture);
});

afterAll(() => fixture[Symbol.asyncDispose]());

test('L9: a machine that is too busy to answer is suspected, not given up: its job goes on when it comes round', async () => {
  const gate = join(controller.folder, 'gate');
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps: [{ name: work, run: "echo begun; until [ -e ${gate} ]; do sleep 0.05; done; echo ended" }]
`);
  const step = stepNamed(await controller.api.build(id), 'work');
  await controller.api.logged(step.id, 'begun');
  const { data: node } = await controller.api.event(
    ({ kind, data }) => kind === 'node' && data.state === 'leased',
  );
  const processes = await processesOfNode(node.id);
  signalProcesses(processes, 'SIGSTOP');
  await proxy.cut();
  await controller.api.event(({ data }) => data.id === node.id && data['connected'] === false);
  expect(await controller.api.build(id)).toMatchObject({ state: 'running' });
  signalProcesses(processes, 'SIGCONT');
  await writeFile(gate, '');

  const build = await controller.api.finished(id);
  expect(build).toMatchObject({ result: 'success', jobs: [{ attempt: 1 }] });
  expect(await controller.api.log(step.id)).toBe('begun\nended\n');
});
