import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudList, Waiting } from '#controller/api';
import { createApiClient, type ApiClient, type BuildView, type EventView } from '#test/api-client';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { createPlace, type Place, type Running } from '#test/footman';

/** Clouds of which each one has another reason to give no node. */
const CLOUDS = ['quick', 'sick', 'full', 'shut', 'slow'] as const;
type CloudName = (typeof CLOUDS)[number];

let place: Place;
let controller: Running;
let api: ApiClient;
let worlds: Record<CloudName, FakeWorldControl>;

beforeAll(async () => {
  place = await createPlace();
  await place.write('footman.yaml', configuration());
  worlds = Object.fromEntries(
    await Promise.all(CLOUDS.map(async (name) => [name, await controlFakeWorld(worldOf(name))])),
  ) as typeof worlds;
  controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
  const [url = ''] = /http:\/\/[\w.:]+/.exec(controller.output()) ?? [];
  api = createApiClient(url, place.data);
});

afterAll(() => place[Symbol.asyncDispose]());

describe('footman explain says why a job waits (L20):', () => {
  test('no such label, with the nearest', async () => {
    const build = await send(LATE_LABEL);
    await api.finished(build.id);
    expect(await explained(`${build.number}/late`)).toMatch(
      /^\d+\/late: it has ended: no template matches `quik`: no template has the label `quik` \(did you mean `quick`\?\)\n/,
    );
  });

  test('at quota, with who is before it', async () => {
    const holder = await send(job('full', HOLD));
    await running(holder.jobs[0]?.id);
    const first = await queued(await send(job('full', HOLD)));
    const second = await queued(await send(job('full', HOLD)));
    expect(await explained(`${first}/main`)).toMatch(
      /^\d+\/main: it waits for a node that is `full`: full\/one: .*1 of 1 nodes\n/,
    );
    const text = await explained(`#${second}/main`);
    expect(text).toMatch(/; 1 job before it\n/);
    expect(text).toMatch(/^ {2}candidates {3}full\/one {2}quota {2}.*1 of 1 nodes$/m);
    expect(text).toMatch(/^ {2}queue {8}1 job before it$/m);
  });

  test('breaker open, until when, and why', async () => {
    await worlds.sick.script({ on: 'launch', do: 'unavailable' });
    const number = await queued(await send(job('sick')));
    // The fifth opens it for four seconds.
    await failures('sick', 5);
    const text = await saying(
      `${number}`,
      /^\d+\/main: .*: sick\/one: breaker open until \d\d:\d\d:\d\d after \d+ failures: the script is not available/,
    );
    expect(text).toMatch(/^ {2}candidates {3}sick\/one {2}breaker {2}breaker open until/m);
    expect((await place.run('clouds')).out).toMatch(/^sick\/one\t.*\tbreaker /m);
  });

  test('launching, since when, and how long it usually takes', async () => {
    for (let count = 0; count < 5; count += 1) await api.finished((await send(job('quick'))).id);
    await worlds.quick.script({ on: 'launch', do: 'pause' });
    const number = await queued(await send(job('quick')));
    const pause = await worlds.quick.paused({ call: 'launch' });
    expect(await explained(`${number}`)).toMatch(
      /^\d+\/main: it waits for a node that is `quick`: quick\/one launching since \S+, usually \S+\n/,
    );
    const [waiting] = await json(`${number}`);
    expect(waiting).toMatchObject({
      key: 'main',
      nodes: [{ cloud: 'quick', template: 'one', state: 'launching', usualMs: expect.any(Number) }],
      estimate: { sentence: expect.stringMatching(/^(probably|very likely|later than usual)/) },
    });
    await worlds.quick.script();
    await worlds.quick.continue(pause);
    const started = (await api.get<CloudList>('/clouds')).clouds.find(({ name }) => name === 'quick');
    expect(started?.templates[0]?.starts.count).toBeGreaterThanOrEqual(5);
  });

  test('cordoned, by whom and why', async () => {
    expect((await place.run('cordon', 'shut', '--reason', 'new disks')).exit).toBe(0);
    const number = await queued(await send(job('shut')));
    const text = await explained(`${number}/main`);
    expect(text).toMatch(/^\d+\/main: .*: shut\/one: shut is cordoned by administrator: new disks\n/);
    expect(text).toMatch(/^ {2}candidates {3}shut\/one {2}cordoned {2}.*new disks$/m);
    expect((await place.run('clouds')).out).toMatch(/^shut\/one\t.*\tcordoned .*new disks$/m);
  });

  test('the limit of its project', async () => {
    await addProject();
    await place.run('project', 'set', 'widget', '--max-nodes', '1');
    const first = await build();
    await running(first.jobs[0]?.id);
    const second = await queued(await build());
    const text = await explained(`${second}/main`);
    expect(text).toMatch(/^\d+\/main: .*: project widget is at its limit of 1 node/);
    expect(text).toMatch(/^ {2}candidates {3}slow\/one {2}project-quota {2}project widget/m);
  });

  test('the jobs that it needs', async () => {
    const { number, jobs } = await send(TWO_JOBS);
    await running(jobs[0]?.id);
    const text = await explained(`${number}`);
    expect(text).toMatch(/^\d+\/second: it waits for first\n/);
    expect(text).toMatch(/^ {2}needs {8}first \(running\)$/m);
    expect(text).not.toContain('/first:');
  });

  test('not at all, when it has its node; by its id, too', async () => {
    const { id, jobs } = await send(job('quick', HOLD));
    await running(jobs[0]?.id);
    expect(await explained(jobs[0]?.id ?? '')).toMatch(
      /^\d+\/main: it has its node\n {2}state {8}running for /,
    );
    expect((await place.run('explain', id)).out).toMatch(/^no job of build \d+ is waiting\n$/);
  });

  test('nothing of what there is not', async () => {
    expect(await place.run('explain', 'nothing')).toEqual({
      exit: 66,
      out: '',
      err:
        'footman: there is no file, build or job nothing\n' +
        'hint: name a pipeline (build.yaml), a build (12) or a job (12/test)\n',
    });
    expect((await place.run('explain', 'nothing.yaml')).err).toContain('there is no file nothing.yaml');
  });
});

async function send(pipeline: string): Promise<BuildView> {
  return api.build((await api.submit(pipeline)).id);
}

async function explained(target: string): Promise<string> {
  const { exit, out, err } = await place.run('explain', target);
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  return out;
}

/** Asks until it says so: what it tells of is over again after a while. */
async function saying(target: string, wanted: RegExp): Promise<string> {
  for (;;) {
    const text = await explained(target);
    if (wanted.test(text)) return text;
  }
}

async function json(target: string): Promise<Waiting[]> {
  return (JSON.parse((await place.run('--json', 'explain', target)).out) as { jobs: Waiting[] }).jobs;
}

/** Resolves with the build's number once its job has asked for a node. */
async function queued({ number, jobs }: { number: number; jobs: { id: string }[] }): Promise<number> {
  await api.event(
    ({ kind, jobId, data }) => kind === 'request' && jobId === jobs[0]?.id && data.state === 'requested',
  );
  return number;
}

async function running(job: string | undefined): Promise<void> {
  await api.event(({ kind, data }) => kind === 'job' && data.id === job && data.state === 'running');
}

async function failures(cloud: string, count: number): Promise<void> {
  let seen = 0;
  const isFailure = ({ kind, data }: EventView): boolean =>
    kind === 'node' && data.state === 'failed' && data['cloud'] === cloud;
  await api.event((event) => isFailure(event) && ++seen === count);
}

async function addProject(): Promise<void> {
  const repository = join(place.folder, 'widget');
  await mkdir(repository);
  await writeFile(join(repository, '.footman.yaml'), job('slow', HOLD));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository });
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.footman.yaml');
  git('-c', 'user.name=me', '-c', 'user.email=me@localhost', 'commit', '--quiet', '--message', 'first');
  expect((await place.run('project', 'add', 'widget', repository)).exit).toBe(0);
}

/** One more build of the project, held by the first step of its job. */
async function build(): Promise<BuildView> {
  const { id } = await api.post<{ id: string }>('/projects/widget/builds', {});
  return api.build(id);
}

function worldOf(cloud: CloudName): string {
  return join(place.folder, 'worlds', cloud);
}

function configuration(): string {
  return `data: data\nclouds:\n${CLOUDS.map(cloudSection).join('\n')}\n`;
}

function cloudSection(name: CloudName): string {
  const most = name === 'full' || name === 'sick' ? 1 : 4;
  return `  ${name}: { kind: fake, world: ${worldOf(name)}, max-nodes: ${most}, templates: { one: { labels: ${name} } } }`;
}

/** Longer than any test waits. */
const HOLD = 'sleep 1000';

function job(label: string, run = 'true'): string {
  return `jobs: { main: { runs-on: ${label}, steps: [{ run: '${run}' }] } }`;
}

const TWO_JOBS = `jobs:
  first: { runs-on: slow, steps: [{ run: ${HOLD} }] }
  second: { needs: [first], runs-on: slow, steps: [{ run: 'true' }] }
`;

const LATE_LABEL = `jobs:
  early:
    runs-on: quick
    outputs: { label: '\${{ steps.say.outputs.label }}' }
    steps: [{ id: say, run: 'echo label=quik >> $FOOTMAN_OUTPUT' }]
  late:
    needs: [early]
    runs-on: \${{ needs.early.outputs.label }}
    steps: [{ run: 'true' }]
`;
