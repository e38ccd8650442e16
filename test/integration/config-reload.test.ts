import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startOperated, type OperatedController } from '#test/operated-controller';

let controller: OperatedController;
afterEach(() => controller[Symbol.asyncDispose]());

const LAB = `  lab:
    kind: fake
    world: WORLD
    templates:
      small: { labels: small }
`;
const TWO = `${LAB}      spare: { labels: spare, min-ready: 1 }
`;
const OTHER = `  other:
    kind: process
    templates: { host: { labels: small } }
`;

/** A script that says `up` and goes on until the file is there. */
function until(file: string): string {
  return `echo up; until [ -e ${file} ]; do sleep 0.05; done`;
}

describe('a reload', () => {
  test('brings a new cloud, and a job that waited for its label runs there', async () => {
    controller = await startOperated(LAB);
    const { place, api, configure, submit, waitsFor } = controller;
    await place.run('cordon', 'lab', '--reason', 'closed');
    const { build, job } = await submit('small');
    await waitsFor(job, 'closed');
    await configure(LAB + OTHER);
    const { exit, out } = await place.run('config', 'reload');
    expect({ exit, out }).toEqual({
      exit: 0,
      out: 'now\tcloud other (process) is added, with the template host\t\n1 change is in force\n',
    });
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
    expect(await api.get('/nodes?all=true')).toMatchObject({ nodes: [{ cloud: 'other' }] });
  });

  test("removes a template's idle nodes at once, and lets its busy one finish", async () => {
    controller = await startOperated(TWO);
    const { place, api, configure, submit, nextNode } = controller;
    const { data: first } = await nextNode('ready');
    const go = join(place.folder, 'go');
    const { build } = await submit('spare', until(go));
    const [step] = (await api.build(build)).jobs[0]?.steps ?? [];
    await api.logged(step?.id ?? '', 'up');
    const { data: idle } = await api.event(
      ({ kind, data }) => kind === 'node' && data.state === 'ready' && data.id !== first.id,
    );
    await configure(LAB);
    const check = await place.run('config', 'check');
    expect(check).toMatchObject({ exit: 0, err: '' });
    expect(check.out).toContain('now\ttemplate lab/spare is removed\t\n');
    expect(check.out).toContain('effect\t1 node of lab/spare without a job: removed\t\n');
    expect(await api.get(`/nodes/${idle.id}`)).toMatchObject({ state: 'ready' });

    expect(await place.run('config', 'reload')).toMatchObject({ exit: 0 });
    await nextNode('deleted', idle.id);
    expect(await api.get(`/nodes/${first.id}`)).toMatchObject({ state: 'leased' });
    await place.write('go', '');
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
    expect((await api.drained()).nodes).toHaveLength(2);
  });

  test('removes a cloud when its last node has gone, and nothing is left there', async () => {
    controller = await startOperated(LAB + OTHER.replace('labels: small', 'labels: host'));
    const { place, api, world, configure, submit } = controller;
    const { build } = await submit('small', until(join(place.folder, 'go')));
    const [step] = (await api.build(build)).jobs[0]?.steps ?? [];
    await api.logged(step?.id ?? '', 'up');
    await configure(OTHER);
    expect(await place.run('config', 'reload')).toMatchObject({ exit: 0 });
    expect(await world.resources()).toHaveLength(1);
    await place.write('go', '');
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
    await api.drained();
    expect(await world.resources()).toEqual([]);
  });

  test('with a mistake changes nothing, and tells every one', async () => {
    controller = await startOperated(LAB);
    const { place, api, configure, submit } = controller;
    await configure(`${LAB.replace('small: {', 'small: { max-cpus: 2,')}  bad: { kind: nothing }\n`);
    for (const command of ['check', 'reload']) {
      const { exit, out, err } = await place.run('config', command);
      expect(exit).toBe(78);
      expect(out + err).toMatch(/footman\.yaml:8:\d+: max-cpus counts the cpus of every node/);
      expect(out + err).toMatch(/footman\.yaml:9:\d+: /);
    }
    expect((await place.run('config', 'show', '--data', 'data')).out).not.toContain('max-cpus');
    const { build } = await submit('small');
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
  });

  test('is refused where nodes would lose the connection that made them', async () => {
    controller = await startOperated(LAB);
    const { place, api, configure, submit } = controller;
    const { build } = await submit('small', until(join(place.folder, 'go')));
    const [step] = (await api.build(build)).jobs[0]?.steps ?? [];
    await api.logged(step?.id ?? '', 'up');
    await configure(LAB.replace('WORLD', 'WORLD-2') + OTHER);
    const check = await place.run('config', 'check');
    expect(check.exit).toBe(75);
    expect(check.out).toMatch(/^refused\tcloud lab: world: .*\tit still has 1 node, /m);
    const { exit, err } = await place.run('config', 'reload');
    expect(exit).toBe(75);
    expect(err).toContain('nothing was reloaded');
    expect(JSON.stringify(await api.get('/clouds'))).not.toContain('"other"');
    await place.write('go', '');
    await api.finished(build);
    await api.drained();
    expect(await place.run('config', 'reload')).toMatchObject({ exit: 0 });
    expect(JSON.stringify(await api.get('/clouds'))).toContain('"other"');
  });

  test('gives the next step its limits', async () => {
    controller = await startOperated(LAB);
    const { place, api, configure, submit } = controller;
    await configure(LAB, 'limits: { step-log: 1KiB, cache-bytes: 1MiB }\ntimeouts: { cancel-grace: 1s }\n');
    expect(await place.run('config', 'reload')).toMatchObject({ exit: 0 });
    const { build } = await submit('small', 'head -c 5000 /dev/zero | tr "\\0" x');
    expect(await api.finished(build)).toMatchObject({ result: 'success' });
    const [step] = (await api.build(build)).jobs[0]?.steps ?? [];
    await api.logged(step?.id ?? '', 'log limit of 1 KiB reached');
    expect((await place.run('config', 'check')).out).toBe('no mistakes; it is what runs\n');
  });

  test('comes with SIGHUP too, and tells what only a restart applies', async () => {
    controller = await startOperated(LAB);
    const { place, api, serving, configure } = controller;
    await configure(LAB + OTHER, 'public-url: http://ci.lab\n');
    serving.child.kill('SIGHUP');
    await api.event(({ kind, data }) => kind === 'configuration' && data.state === 'reloaded');
    expect(JSON.stringify(await api.get('/clouds'))).toContain('"other"');
    const { exit, out } = await place.run('config', 'check');
    expect({ exit, out }).toEqual({
      exit: 0,
      out: 'restart\tpublic-url: http://ci.lab (was not set)\tit is read when the controller starts\nno mistakes\n',
    });
    expect((await place.run('config', 'show')).out).not.toContain('public-url');
  });
});

test('without a controller mistakes are told all the same, and what would run is shown', async () => {
  controller = await startOperated(LAB);
  const { place, serving } = controller;
  serving.child.kill('SIGTERM');
  await serving.ended;
  const good = await place.run('config', 'check');
  expect(good).toMatchObject({
    exit: 0,
    out: 'no mistakes; no controller runs that it could be compared with\n',
  });
  await place.write('draft.yaml', 'clouds: { lab: { kind: fake } }\ntypo: 1\n');
  const bad = await place.run('config', 'check', 'draft.yaml');
  expect(bad.exit).toBe(78);
  expect(bad.out).toMatch(/^draft\.yaml:1:\d+: .*\ndraft\.yaml:1:\d+: .*\ndraft\.yaml:2:1: /);
  expect((await place.run('config', 'show')).out).toContain('queue: 1h\n');
  expect(await place.run('config', 'reload')).toMatchObject({ exit: 69 });
});

test('what was taken out of the file while the controller was away goes at its start', async () => {
  controller = await startOperated(TWO);
  const { world, configure, nextNode, restart } = controller;
  const { data } = await nextNode('ready');
  await configure(LAB);
  const api = await restart();
  await api.event(
    ({ kind, data: node }) => kind === 'node' && node.id === data.id && node.state === 'deleted',
  );
  expect(await world.resources()).toEqual([]);
});
