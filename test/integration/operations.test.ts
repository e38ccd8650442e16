import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startOperated, type OperatedController } from '#test/operated-controller';

let controller: OperatedController;
afterEach(() => controller[Symbol.asyncDispose]());

const LAB = `  lab:
    kind: fake
    world: WORLD
    max-nodes: 4
    templates:
      small: { labels: small }
`;
const POOLED = LAB.replace('small: { labels: small }', 'small: { labels: small, min-ready: 1 }');

interface NodeList {
  nodes: { id: string; state: string }[];
}

/** A script that says `up` and goes on until the file is there. */
function until(file: string): string {
  return `echo up; until [ -e ${file} ]; do sleep 0.05; done`;
}

async function running(build: string): Promise<string> {
  const { api } = controller;
  const [step] = (await api.build(build)).jobs[0]?.steps ?? [];
  await api.logged(step?.id ?? '', 'up');
  return step?.id ?? '';
}

describe('a cordon', () => {
  test('of a template lets no node come until it is taken away', async () => {
    controller = await startOperated(LAB);
    const { place, api, world, submit, waitsFor } = controller;
    const made = await place.run('cordon', 'lab/small', '--reason', 'new disks');
    expect(made).toMatchObject({ exit: 0, out: 'template lab/small is cordoned: new disks\n' });
    const { build, job } = await submit('small');
    await waitsFor(job, 'new disks');
    expect(await world.resources()).toEqual([]);
    expect((await place.run('cordons')).out).toMatch(/^lab\/small\ttemplate\tnew disks\tadministrator\t/);

    const freed = await place.run('uncordon', 'lab/small');
    expect(freed).toMatchObject({ exit: 0, out: 'lab/small is not cordoned any more\n' });
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
    const again = await place.run('uncordon', 'lab/small');
    expect(again).toMatchObject({ exit: 0, out: 'lab/small had no cordon of its own\n' });
  });

  test('of a cloud keeps jobs from its ready nodes', async () => {
    controller = await startOperated(POOLED);
    const { place, api, submit, nextNode, waitsFor } = controller;
    const { data } = await nextNode('ready');
    await place.run('cordon', 'lab', '--reason', 'new disks');
    const { build, job } = await submit('small');
    await waitsFor(job, 'new disks');
    expect(await api.get(`/nodes/${data.id}`)).toMatchObject({ state: 'ready' });
    await place.run('uncordon', 'lab');
    await nextNode('leased', data.id);
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
  });

  test('of a node keeps that one from jobs, others serve them', async () => {
    controller = await startOperated(POOLED);
    const { place, api, submit, nextNode } = controller;
    const { data } = await nextNode('ready');
    expect((await place.run('cordon', data.id)).exit).toBe(0);
    const { build } = await submit('small');
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
    expect(await api.get(`/nodes/${data.id}`)).toMatchObject({ state: 'ready', job: null });
    const { out } = await place.run('nodes', '--all');
    expect(out).toMatch(new RegExp(`^${data.id}\tready\t.*\t\tcordoned: no reason given$`, 'm'));
    expect(out).toMatch(/^\w+\t\w+\tlab\/small\t\S+\tsmall\t1\/test\t/m);
  });

  test('of what nobody knows is refused, with the nearest names', async () => {
    controller = await startOperated(LAB);
    const { exit, err } = await controller.place.run('cordon', 'lab/smal');
    expect(exit).toBe(66);
    expect(err).toBe(
      'footman: there is no cloud, template or living node "lab/smal"\nhint: did you mean lab/small or lab?\n',
    );
  });
});

describe('footman drain', () => {
  test('removes idle nodes, lets the job end, and waits until nothing is left', async () => {
    controller = await startOperated(POOLED);
    const { place, api, world, submit, nextNode } = controller;
    const { data: first } = await nextNode('ready');
    const { build } = await submit('small', until(join(place.folder, 'go')));
    await running(build);
    await api.event(({ kind, data }) => kind === 'node' && data.state === 'ready' && data.id !== first.id);
    const drain = place.start('drain', 'lab', '--wait', '--reason', 'moving');
    await drain.said('lab: 1 node left: 1 with a job\n');
    await place.write('go', '');
    expect(await drain.ended).toMatchObject({ exit: 0, out: expect.stringMatching(/lab: drained\n$/) });
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
    expect(await world.resources()).toEqual([]);

    const again = await place.run('--json', 'drain', 'lab/small', '--wait');
    expect(JSON.parse(again.out)).toMatchObject({ retired: 0, left: [] });
    await place.run('uncordon', 'lab/small');
    await place.run('uncordon', 'lab');
    await nextNode('ready');
  });
});

describe('footman node rm', () => {
  test('removes a node without a job at once, and says who did it', async () => {
    controller = await startOperated(POOLED);
    const { place, api, nextNode } = controller;
    const { data } = await nextNode('ready');
    const { exit, out } = await place.run('node', 'rm', data.id, '--reason', 'odd disk');
    expect({ exit, out }).toEqual({
      exit: 0,
      out: `node ${data.id} is being removed: deleted by administrator: odd disk\n`,
    });
    await nextNode('deleted', data.id);
    expect(await place.run('node', 'rm', data.id)).toMatchObject({ exit: 0 });
    const { nodes } = await api.get<NodeList>('/nodes');
    expect(nodes.map(({ id }) => id)).not.toContain(data.id);
  });

  test('refuses one with a job, and by force ends the job as errored', async () => {
    controller = await startOperated(LAB);
    const { place, api, submit, nextNode } = controller;
    const { build } = await submit('small', until(join(place.folder, 'never')));
    await running(build);
    const { nodes } = await api.get<NodeList>('/nodes');
    const id = nodes[0]?.id ?? '';
    const refused = await place.run('node', 'rm', id);
    expect(refused.exit).toBe(75);
    expect(refused.err).toContain(`node ${id} has the job test`);
    expect(await api.build(build)).toMatchObject({ state: 'running' });

    expect(await place.run('node', 'rm', '--force', id)).toMatchObject({ exit: 0 });
    expect(await api.finished(build)).toMatchObject({
      result: 'errored',
      jobs: [{ result: 'errored', reason: 'its node was deleted by administrator' }],
    });
    await nextNode('deleted', id);
  });
});
