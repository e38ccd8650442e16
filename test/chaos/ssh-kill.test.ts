import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EventView } from '#test/api-client';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { endQuarantines } from '#test/end-quarantines';
import { optionalService } from '#test/optional';
import { numberedLines, stepNamed } from '#test/pipelines';
import { folderOnHost, labSettings, placeRuntime, powerOff, type LabHost } from '#test/ssh-hosts';
import { openSshLab, sshLabMissing, type SshLab } from '#test/ssh-lab';

/** A controller with one SSH host, of which one or the other is gone all of a sudden. */

optionalService('SSH host', sshLabMissing())('in the middle of a step on a host', () => {
  let lab: SshLab;
  let folder: string;
  let controller: ControllerProcess;

  beforeAll(async () => {
    lab = await openSshLab();
    await placeRuntime(lab);
  });
  afterAll(() => lab.close());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-ssh-kill-'));
  });
  afterEach(async () => {
    await controller.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the controller is killed: the step goes on, its log is whole, and the job succeeds (I3, I4, L8)', async () => {
    await start();
    const build = await controller.api.submit(`
jobs:
  count:
    runs-on: lab
    steps:
      - name: count
        run: |
          i=0
          while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; sleep 0.01; done
      - name: after
        run: echo after
`);
    const step = stepNamed(await controller.api.build(build.id), 'count');
    for (const line of ['line 50\n', 'line 150\n']) {
      await controller.api.logged(step.id, line);
      await controller.kill();
      await controller.start();
    }
    expect((await controller.api.finished(build.id)).result).toBe('success');
    expect(await controller.api.log(step.id)).toBe(numberedLines(300));
    const events = await controller.api.eventsUntil(isHost('free', 2));
    expect(events.filter(({ kind, data }) => kind === 'node' && data.state === 'leased')).toHaveLength(1);
    expect(events.filter(({ data }) => data.state === 'quarantined')).toEqual([]);
    expect(await nodesOnHost()).toEqual([]);
  });

  test('the tunnels of two hosts break while a million lines come: both logs are whole (I4, L9)', async () => {
    await start('', ['h1', 'h2']);
    const build = await controller.api.submit(`
jobs:
  count:
    runs-on: lab
    matrix: { n: [1, 2] }
    steps:
      - name: count
        run: for i in 1 2 3 4 5 6 7 8 9 10; do seq $((i*100000-99999)) $((i*100000)); sleep 0.2; done
`);
    const { jobs } = await controller.api.build(build.id);
    const ids = jobs.flatMap(({ steps }) => steps.map(({ id }) => id)).slice(0, 2);
    for (const line of ['\n100000\n', '\n600000\n']) {
      await Promise.all(ids.map((id) => controller.api.logged(id, line)));
      await lab.down();
      await lab.up();
    }
    expect((await controller.api.finished(build.id)).result).toBe('success');
    const whole = Array.from({ length: 1_000_000 }, (_, index) => `${index + 1}\n`).join('');
    for (const id of ids) expect((await controller.api.log(id)) === whole).toBe(true);
  });

  test('the host is switched off: the job ends errored, the host serves again after a reset (L6, L12)', async () => {
    await start('timeouts: { agent-lost: 1s }');
    const build = await controller.api.submit(
      'jobs: { a: { runs-on: lab, steps: [{ name: wait, run: "echo began; sleep 1000" }] } }',
    );
    const step = stepNamed(await controller.api.build(build.id), 'wait');
    await controller.api.logged(step.id, 'began\n');
    await powerOff(lab, 'h1');
    const finished = await controller.api.finished(build.id);
    expect(finished.jobs[0]).toMatchObject({ result: 'errored', reason: expect.stringContaining('agent') });
    // The node is gone though its host has not confirmed it.
    await controller.api.drained();
    const { data } = await controller.api.event(isHost('quarantined'));
    expect(data['reason']).toMatch(/^its reset failed: .*ECONNREFUSED/);
    expect(await nodesOnHost()).toHaveLength(1);

    await lab.up();
    await controller.kill();
    await endQuarantines(controller.data);
    await controller.start();
    const again = await controller.api.submit('jobs: { a: { runs-on: lab, steps: [{ run: "true" }] } }');
    expect((await controller.api.finished(again.id)).result).toBe('success');
    await controller.api.event(isHost('free', 3));
    expect(await nodesOnHost()).toEqual([]);
  });

  async function start(more = '', hosts: LabHost[] = ['h1']): Promise<void> {
    const rack = {
      kind: 'ssh',
      ...(await labSettings(lab, folder, hosts)),
      'answer-timeout': '1s',
      templates: { machine: { labels: 'lab', hosts } },
    };
    const configuration = `${more}\nclouds: ${JSON.stringify({ rack })}\n`;
    controller = await startControllerProcess({ folder, configuration });
  }

  function nodesOnHost(): Promise<string[]> {
    return readdir(dirname(folderOnHost(lab, 'h1', 'any')));
  }
});

/** Fits the event by which the host has come into the state for the so manieth time. */
function isHost(state: string, times = 1): (event: EventView) => boolean {
  let seen = 0;
  return ({ kind, data }) => kind === 'host' && data.state === state && ++seen === times;
}
