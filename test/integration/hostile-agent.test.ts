import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AgentTokens } from '#controller/gateway';
import type { StepStart } from '#shared/protocol';
import type { BuildView } from '#test/api-client';
import type { EmbeddedController } from '#test/embedded-controller';
import type { HostileAgent } from '#test/hostile-agent';
import {
  finish,
  finished,
  startHostileFixture,
  type Greeted,
  type HostileFixture,
} from '#test/hostile-fixture';

/** Close codes: the agent may come back and go on; it must not; its message was too long (RFC 6455). */
const CUT = 1001;
const REFUSED = 1008;
const TOO_BIG = 1009;

let fixture: HostileFixture;
let controller: EmbeddedController;
let tokens: AgentTokens;

beforeAll(async () => {
  fixture = await startHostileFixture(
    'hostile',
    '{ labels: hostile }',
    `
timeouts: { agent-lost: 1s, cancel-grace: 1s }
limits: { artifact-files: 3, artifact-bytes: 1000 }`,
  );
  ({ controller, tokens } = fixture);
});

// Whatever was said: the controller lives, and other jobs run.
afterEach(async () => {
  fixture.leave();
  expect(await fixture.honestBuild()).toMatchObject({ result: 'success' });
});

afterAll(() => fixture[Symbol.asyncDispose]());

describe('before its hello', () => {
  test.each([
    ['text that is no JSON', 'hello?', CUT],
    ['an unknown message', { type: 'open', sesame: true }, CUT],
    ['a message that may only come later', { type: 'step.started', step: 'x', at: 1 }, CUT],
    ['a key too much', { type: 'step.started', step: 'x', at: 1, __proto__: null, more: 1 }, CUT],
    ['a message that is too long', 'x'.repeat(3 * 1024 * 1024), TOO_BIG],
  ])('%s ends the connection', async (_, message, code) => {
    const agent = await dial();
    agent.say(message);
    expect(await agent.closed).toBe(code);
  });

  test('a log frame ends the connection', async () => {
    const agent = await dial();
    agent.log(0, 0, 'hello');
    expect(await agent.closed).toBe(CUT);
  });

  test('a client that breaks off in the middle of an upgrade disturbs nobody', async () => {
    const { hostname, port } = new URL(controller.url);
    for (const path of ['/agent/v1', '/elsewhere']) {
      const socket = connect(Number(port), hostname);
      const headers = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
      );
      await new Promise((resolve) => socket.once('data', resolve));
      socket.resetAndDestroy();
    }
  });
});

describe('a hello', () => {
  test.each([
    ['with a token that is none', () => 'nonsense', {}],
    ['with the token of an unknown node', () => tokens.bootstrap('nobody'), {}],
    ['of another protocol', () => tokens.bootstrap('nobody'), { protocol: 99 }],
  ])('%s is refused for good', async (_, token, change) => {
    const agent = await dial();
    agent.hello(token(), change);
    expect(await agent.next('refused')).toMatchObject({ code: 'agent-refused' });
    expect(await agent.closed).toBe(REFUSED);
  });

  test('that comes twice ends the connection', async () => {
    const { agent, node } = await arrive();
    agent.hello(tokens.session(node, null));
    expect(await agent.closed).toBe(CUT);
  });

  test('with a bootstrap token that was used is refused', async () => {
    const { node } = await arrive();
    const thief = await dial();
    thief.hello(tokens.bootstrap(node));
    expect(await thief.next('refused')).toMatchObject({ message: 'the bootstrap token was used before' });
  });

  test('over a second connection ends the first, and the job goes on over the second', async () => {
    const { agent, session, step, build } = await arrive();
    const second = await dial();
    second.hello(session);
    expect(await second.next('welcome')).toMatchObject({ resume: [{ step: step.step, offset: 0 }] });
    expect(await agent.closed).toBe(CUT);
    finish(second, step);
    expect(await outcome(build)).toMatchObject({ result: 'success' });
    await second.next('lease.end');
  });

  test('after its job has ended is refused, and a connection that stays is closed', async () => {
    const { agent, session, step, build } = await arrive();
    finish(agent, step);
    await outcome(build);
    expect(await agent.closed).toBe(REFUSED);
    const late = await dial();
    late.hello(session);
    expect(await late.next('refused')).toMatchObject({ code: 'agent-refused' });
  });
});

describe('an agent', () => {
  test('that names steps and artifacts which are not its own changes nothing', async () => {
    const one = await arrive();
    const two = await arrive();
    finish(one.agent, two.step);
    finish(one.agent, { ...two.step, step: 'no-such-step' });
    const [job] = (await controller.api.build(two.build.id)).jobs;
    one.agent.say({ type: 'artifact.finished', artifact: job?.artifacts[0]?.id, files: 0 });
    finish(one.agent, one.step, 3);
    expect(await outcome(one.build)).toMatchObject({ result: 'failure' });
    expect(await controller.api.build(two.build.id)).toMatchObject({ state: 'running' });
    finish(two.agent, two.step);
    expect(await outcome(two.build)).toMatchObject({ result: 'success' });
  });

  test('that leaves a gap in its log has to begin again where the log ends (I4)', async () => {
    const { agent, session, step, build } = await arrive();
    agent.log(step.stream, 0, 'one\n');
    await controller.api.logged(step.step, 'one\n');
    agent.log(step.stream, 5, 'three\n');
    expect(await agent.closed).toBe(CUT);
    const back = await dial();
    back.hello(session);
    expect(await back.next('welcome')).toMatchObject({ resume: [{ offset: 4 }] });
    back.log(step.stream, 2, 'e\ntwo\n');
    finish(back, step, 0, 8);
    expect(await outcome(build)).toMatchObject({ result: 'success' });
    expect(await controller.api.log(step.step)).toBe('one\ntwo\n');
  });

  test('that logs to other streams, or after the end, adds nothing', async () => {
    const { agent, step, build } = await arrive();
    agent.log(step.stream + 7, 0, 'nowhere\n');
    agent.log(step.stream, 0, 'all\n');
    finish(agent, step, 0, 4);
    await agent.next('step.ack');
    agent.log(step.stream, 4, 'more\n');
    expect(await outcome(build)).toMatchObject({ result: 'success' });
    expect(await controller.api.log(step.step)).toBe('all\n');
  });

  test('that tells a wrong length of its log is not believed (I4)', async () => {
    const { agent, session, step, build } = await arrive();
    agent.log(step.stream, 0, 'all\n');
    finish(agent, step, 0, 5);
    expect(await agent.closed).toBe(CUT);
    const back = await dial();
    back.hello(session);
    await back.next('step.start');
    finish(back, step, 0, 4);
    expect(await outcome(build)).toMatchObject({ result: 'success' });
  });

  test.each([
    ['an empty frame', Buffer.alloc(0)],
    ['a frame of another kind', Buffer.alloc(64, 9)],
    ['a frame with an offset beyond all numbers', Buffer.concat([Buffer.from([1]), Buffer.alloc(40, 255)])],
    ['a frame that is too long', Buffer.alloc(512 * 1024, 1)],
  ])('that sends %s is cut', async (_, bytes) => {
    const { agent } = await arrive();
    agent.binary(bytes);
    expect(await agent.closed).toBe(CUT);
  });

  test('that tells too large outputs is cut', async () => {
    const { agent, step } = await arrive();
    agent.say({ ...finished(step, 0, 0), outputs: { big: 'x'.repeat(64 * 1024 + 1) } });
    expect(await agent.closed).toBe(CUT);
  });

  test('that tells digests which nobody asked for changes nothing; one that is no digest ends the connection', async () => {
    const { agent, session, step, build } = await arrive();
    agent.say({ type: 'files.hashed', request: 'nobody-asked', digest: 'a'.repeat(64) });
    agent.say({ type: 'files.hashed', request: 'nobody-asked', digest: '$(reboot)' });
    expect(await agent.closed).toBe(CUT);
    const back = await dial();
    back.hello(session);
    await back.next('step.start');
    finish(back, step);
    expect(await outcome(build)).toMatchObject({ result: 'success' });
  });

  test('that never comes back loses its job, not the log up to there', async () => {
    const { agent, step, build } = await arrive();
    agent.log(step.stream, 0, 'so far\n');
    await controller.api.logged(step.step, 'so far');
    agent.leave();
    expect(await outcome(build)).toMatchObject({ result: 'errored' });
    expect(await controller.api.log(step.step)).toBe('so far\n');
    expect(await controller.api.build(build.id)).toMatchObject({
      jobs: [{ artifacts: [{ state: 'failed', reason: expect.stringContaining('its agent was lost') }] }],
    });
  });
});

describe('an artifact', () => {
  test.each(['../up', '/etc/passwd', 'a/../b', 'a\\b', 'a\0b', '', 'x'.repeat(2000)])(
    'with a file called %j ends the connection',
    async (path) => {
      const { agent, artifact } = await collect();
      agent.say({ type: 'artifact.files', artifact, files: [file(path)] });
      expect(await agent.closed).toBe(CUT);
    },
  );

  test.each([
    ['of too many files', ['a', 'b', 'c', 'd'].map((path) => file(path)), 'more than 3 files'],
    ['of too many bytes', [file('a', 2 ** 50)], 'more than 1000 B'],
    ['of a file that never came', [file('a')], 'a did not reach the storage'],
  ])('%s fails, and says why; its job does not', async (_, files, reason) => {
    const { agent, artifact, build } = await collect();
    agent.say({ type: 'artifact.files', artifact, files });
    agent.say({ type: 'artifact.finished', artifact, files: files.length });
    expect(await outcome(build)).toMatchObject({
      result: 'success',
      jobs: [{ artifacts: [{ state: 'failed', files: 0, reason }] }],
    });
  });

  test('is stored by a link for one file, which is good for no other and no other content', async () => {
    const { agent, artifact, build } = await collect();
    agent.say({ type: 'artifact.files', artifact, files: [file('a', 1), file('b', 1)] });
    const [a, b] = (await agent.next('artifact.put')).puts.map((put) =>
      'request' in put ? put.request.url : '',
    );
    const token = new URL(a ?? '', controller.url).search;
    const other = new URL(b ?? '', controller.url);
    other.search = token;
    expect((await fetch(other, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(new URL(a ?? '', controller.url), { method: 'GET' })).status).toBe(403);
    expect((await fetch(new URL(a ?? '', controller.url), { method: 'PUT', body: 'x' })).status).toBe(400);
    agent.say({ type: 'artifact.finished', artifact, files: 2 });
    expect(await outcome(build)).toMatchObject({ jobs: [{ artifacts: [{ state: 'failed' }] }] });
  });
});

test('a cache that is nothing but a link is none: nobody else would get one of that key', async () => {
  const build = await controller.api.submit(
    'jobs: { a: { runs-on: hostile, steps: [{ name: kept, cache: { key: k, paths: p } }] } }',
  );
  const { agent } = await fixture.greet('hostile');
  finish(agent, await agent.next('step.start'));
  finish(agent, await agent.next('step.start'));
  const { artifact } = await agent.next('artifact.collect');
  const link = { ...file('cache.tar.gz', 0), link: 'elsewhere' };
  agent.say({ type: 'artifact.files', artifact, files: [link] });
  agent.say({ type: 'artifact.finished', artifact, files: 1 });
  const { jobs } = await outcome(build);
  expect(jobs[0]?.steps.at(-1)).toMatchObject({
    name: 'save kept',
    message: expect.stringContaining('cache.tar.gz is a link') as string,
  });
});

function dial(): Promise<HostileAgent> {
  return fixture.dial();
}

interface Arrived extends Greeted {
  build: BuildView;
  step: StepStart;
}

/** An agent whose node has just got a job, and that was told to run its step. */
async function arrive(): Promise<Arrived> {
  const build = await controller.api.submit(
    'jobs: { a: { runs-on: hostile, steps: [{ run: work }], artifacts: [{ name: out, paths: [out] }] } }',
  );
  const greeted = await fixture.greet('hostile');
  return { ...greeted, build, step: await greeted.agent.next('step.start') };
}

/** The same, with the step done and the artifact asked for. */
async function collect(): Promise<Arrived & { artifact: string }> {
  const arrived = await arrive();
  finish(arrived.agent, arrived.step);
  const { artifact } = await arrived.agent.next('artifact.collect');
  return { ...arrived, artifact };
}

function file(path: string, bytes = 1): object {
  return { path, bytes, sha256: '0'.repeat(64), mode: 0o644 };
}

/** The build once it has finished; an agent that is asked for artifacts on the way says that there are none. */
async function outcome({ id }: BuildView): Promise<BuildView> {
  for (const agent of fixture.agents()) {
    agent.next('artifact.collect').then(
      ({ artifact }) => agent.say({ type: 'artifact.finished', artifact, files: 0 }),
      () => undefined,
    );
  }
  return controller.api.finished(id);
}
