import { mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { commandLinesWith } from '#test/command-lines';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { signalProcesses } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { numberedLines, stepNamed } from '#test/pipelines';
import { vmImage, vmMissing } from '#test/vm-image';
import { fastTemplate, PREPARATION_LIMIT_MS, sharedStates } from '../contracts/clouds/qemu-fast-fixture.ts';
import { machinesOf } from '../contracts/clouds/qemu-fixture.ts';

/** A controller with virtual machines, of which one or the other is gone all of a sudden. */

/** Some machines boot here, where there may be no KVM. */
const LIMIT_MS = 200_000;
const LOOK_MS = 50;

interface NodeView {
  id: string;
  template: string;
  job: string | null;
}

optionalService('QEMU', vmMissing())('virtual machines', () => {
  let folder: string;
  /** What the cloud has in the data folder. */
  let cloud: string;
  let controller: ControllerProcess;
  /** Its machine restarts by itself, and is on its way while the other tests have theirs. */
  let restarting: BuildView;

  beforeAll(async () => {
    const states = await sharedStates();
    folder = await mkdtemp(join(tmpdir(), 'footman-vm-kill-'));
    cloud = join(folder, 'data', 'clouds', 'vms');
    await mkdir(cloud, { recursive: true });
    await symlink(states, join(cloud, 'fast-start'));
    const cold = { labels: 'cold', image: await vmImage() };
    const fast = { labels: 'fast', ...(await fastTemplate()) };
    const clouds = { vms: { kind: 'qemu', templates: { cold, fast } } };
    // What is told within the limit of a test is told long before that.
    const configuration = `timeouts: { agent-lost: 1h }\nteardown: { max-stopped: 0 }\nclouds: ${JSON.stringify(clouds)}\n`;
    controller = await startControllerProcess({ folder, configuration });
    restarting = await submit(
      'jobs: { a: { runs-on: fast, steps: [{ name: restart, run: "sudo reboot -f; sleep 1000" }] } }',
    );
  }, PREPARATION_LIMIT_MS);

  afterAll(async () => {
    const left = await nodes();
    await controller.stop();
    for (const { id } of left) signalProcesses(await machinesOf(id), 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  test(
    'the controller is killed while one boots, and in a step on it: the job goes on (I1, I4, L8)',
    async () => {
      const build = await submit(`
jobs:
  a:
    runs-on: cold
    steps:
      - name: count
        run: |
          i=0
          while [ $i -lt 120 ]; do i=$((i+1)); echo "line $i"; sleep 0.01; done
`);
      const { data: node } = await controller.api.event(
        ({ data }) => data.state === 'launching' && data['template'] === 'cold',
      );
      // Its firmware has said something.
      await untilThere(join(cloud, 'nodes', node.id, 'console.log'));
      const [qemu, ...others] = await machinesOf(node.id);
      expect(others).toEqual([]);
      await restart();

      const count = stepNamed(build, 'count');
      await controller.api.logged(count.id, 'line 20\n');
      expect(await machinesOf(node.id)).toEqual([qemu]);
      await restart();

      const finished = await controller.api.finished(build.id);
      expect(finished).toMatchObject({ result: 'success', jobs: [{ reason: null, attempt: 1 }] });
      expect(await controller.api.log(count.id)).toBe(numberedLines(120));
      expect((await nodes('?all=true')).filter(({ template }) => template === 'cold')).toHaveLength(1);
    },
    LIMIT_MS,
  );

  test(
    'QEMU is killed in a step: the job ends errored soon, its log stays, and it succeeds on another machine (L14)',
    async () => {
      const build = await submit(`
jobs:
  a:
    runs-on: fast
    retry: { max: 1, on: [errored] }
    steps: [{ name: wait, run: 'echo attempt $FOOTMAN_ATTEMPT; test $FOOTMAN_ATTEMPT = 2 || sleep 1000' }]
`);
      const { id: first } = stepNamed(build, 'wait');
      await controller.api.logged(first, 'attempt 1\n');
      const node = (await nodes()).find(({ job }) => job === `${build.number}/a`);
      signalProcesses(await machinesOf(node?.id ?? ''), 'SIGKILL');

      const { result, jobs } = await controller.api.finished(build.id);
      expect(result).toBe('success');
      expect(jobs).toMatchObject([
        { result: 'errored', reason: 'its machine has no QEMU any more: it was ended from outside' },
        { result: 'success', reason: null, attempt: 2 },
      ]);
      expect(await controller.api.log(first)).toBe('attempt 1\n');
      expect(await controller.api.log(jobs[1]?.steps[0]?.id ?? '')).toBe('attempt 2\n');
    },
    LIMIT_MS,
  );

  test(
    'one restarts by itself in a step: the job ends errored, with that reason',
    async () => {
      const reason = 'its machine rebooted unexpectedly';
      expect(await controller.api.finished(restarting.id)).toMatchObject({
        result: 'errored',
        jobs: [{ result: 'errored', reason }],
      });
    },
    LIMIT_MS,
  );

  test(
    'nothing of them is left (I2)',
    async () => {
      const { nodes: all } = await controller.api.drained();
      expect((await Promise.all(all.map(({ id }) => machinesOf(id)))).flat()).toEqual([]);
      // What QEMU has open stands in its command line.
      expect(commandLinesWith(controller.data)).toEqual([]);
      expect(await readdir(join(cloud, 'nodes'))).toEqual([]);
    },
    LIMIT_MS,
  );

  async function submit(pipeline: string): Promise<BuildView> {
    const { id } = await controller.api.submit(pipeline);
    return controller.api.build(id);
  }

  async function restart(): Promise<void> {
    await controller.kill();
    await controller.start();
  }

  async function nodes(which = ''): Promise<NodeView[]> {
    return (await controller.api.get<{ nodes: NodeView[] }>(`/nodes${which}`)).nodes;
  }
});

async function untilThere(path: string): Promise<void> {
  while ((await stat(path).catch(() => undefined)) === undefined) await setTimeout(LOOK_MS);
}
