import { readFile, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LOG_WINDOW_BYTES } from '#shared/protocol';
import { connectAgent } from '#test/agent-fixture';
import { buildAgent, startAgent } from '#test/agent-process';

beforeAll(buildAgent);

/** Numbered lines, one every 2 ms or so, until there is a file `stop`. */
const NUMBERED = 'i=0; until [ -e stop ]; do echo $i; i=$((i+1)); sleep 0.002; done';

/** A zombie, whose parent has not looked yet, does not count. */
function isRunning(pid: string): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

describe('a lost connection', () => {
  test('ten times in a step costs no byte, and repeats none', async () => {
    await using node = await connectAgent();
    const step = node.peer.start({ script: NUMBERED });
    for (let cuts = 1; cuts <= 10; cuts++) {
      const before = node.peer.log(step.stream).length;
      await node.peer.until(() => node.peer.log(step.stream).length > before + 250);
      node.peer.cut();
      await node.peer.until(() => node.peer.hellos.length > cuts);
    }
    await writeFile(join(node.workspace, 'stop'), '');
    const { finished, log } = await node.peer.finished(step);
    const lines = log.toString().trimEnd().split('\n');
    expect(lines).toEqual(lines.map((_, index) => `${index}`));
    expect(finished.end).toEqual({ reason: 'exited', exit: 0, signal: null });
    expect(finished.logBytes).toBe(log.length);
  });

  test('is no failure while the step ends: its result is told afterwards', async () => {
    await using node = await connectAgent();
    const step = node.peer.start({
      script: 'echo up; while [ ! -e go ]; do sleep 0.01; done; echo done; touch done',
    });
    await node.peer.until(() => node.peer.log(step.stream).length > 0);
    node.peer.greeting = 'silence';
    node.peer.cut();
    await node.peer.until(() => node.peer.hellos.length > 1);
    await writeFile(join(node.workspace, 'go'), '');
    await expect.poll(() => existsSync(join(node.workspace, 'done'))).toBe(true);
    node.peer.greeting = 'welcome';
    node.peer.cutAll();
    const { log } = await node.peer.finished(step);
    expect(log.toString()).toBe('up\ndone\n');
  });

  test('is answered with the session token, and with the bootstrap token as long as there is no other', async () => {
    await using node = await connectAgent({ prepare: (peer) => (peer.greeting = 'silence') });
    node.peer.greeting = 'welcome';
    node.peer.cutAll();
    await node.peer.until(() => node.peer.hellos.length > 1);
    node.peer.cutAll();
    await node.peer.until(() => node.peer.hellos.length > 2);
    expect(node.peer.hellos.map(({ token }) => token)).toEqual(['bootstrap', 'bootstrap', 'session-2']);
  });

  test('that does not come back within the grace ends the step and the agent', async () => {
    await using node = await connectAgent({ prepare: (peer) => (peer.graceMs = 300) });
    const step = node.peer.start({ script: 'echo $$; exec sleep 600' });
    await node.peer.until(() => node.peer.log(step.stream).length > 0);
    await node.peer.close();
    expect(await node.agent.exited).toBe(4);
    await expect.poll(() => isRunning(node.peer.log(step.stream).toString().trim())).toBe(false);
  });

  test('is looked for longer while what the job left is to be stored', async () => {
    await using node = await connectAgent({ prepare: (peer) => (peer.graceMs = 300) });
    const { peer } = node;
    const files = { paths: ['**'], exclude: [], maxFiles: 1, maxBytes: 1 };
    peer.send({ type: 'artifact.collect', artifact: 'late', root: 'workspace', ...files, graceMs: 60_000 });
    await peer.until(() => peer.messages.some(({ type }) => type === 'artifact.finished'));
    peer.greeting = 'silence';
    // The pauses between so many tries are longer than the lease's grace.
    for (let tries = 1; tries <= 7; tries++) {
      peer.cutAll();
      await peer.until(() => peer.hellos.length > tries);
    }
    peer.greeting = 'welcome';
    peer.cutAll();
    await expect(peer.run({ script: 'echo here' })).resolves.toMatchObject({ log: Buffer.from('here\n') });
  });

  test('keeps the time when each line was read', async () => {
    await using node = await connectAgent({ prepare: (peer) => (peer.acknowledges = false) });
    const { peer } = node;
    const step = peer.start({ script: 'echo one; sleep 0.2; echo two; touch ready; sleep 0.2' });
    await peer.until(() => peer.log(step.stream).length === 8);
    const times = peer.frames.map(({ time }) => time);
    peer.forgetLog(step.stream);
    peer.cut();
    const { log } = await peer.finished(step);
    expect(log.toString()).toBe('one\ntwo\n');
    expect(peer.frames.map(({ time }) => time)).toEqual([...times, ...times]);
  });
});

test('no more than the window is sent without an acknowledgement, and all of it with one', async () => {
  await using node = await connectAgent({ prepare: (peer) => (peer.acknowledges = false) });
  const { peer } = node;
  const step = peer.start({ script: 'head -c 10000000 /dev/zero; touch written' });
  await peer.until(() => peer.log(step.stream).length === LOG_WINDOW_BYTES);
  // The step is not held up by it: it ends while two thirds of its output are still on the node.
  const other = await peer.run({ script: 'while [ ! -e written ]; do sleep 0.01; done; echo went on' });
  expect(other.log.toString()).toBe('went on\n');
  expect(peer.log(step.stream).length).toBe(LOG_WINDOW_BYTES);
  peer.acknowledges = true;
  peer.send({ type: 'log.ack', stream: step.stream, offset: LOG_WINDOW_BYTES });
  const { log } = await peer.finished(step);
  expect(log.equals(Buffer.alloc(10_000_000))).toBe(true);
});

test('a console that nobody reads any more is no reason to stop', async () => {
  await using node = await connectAgent();
  node.agent.closeConsole();
  for (let hellos = 2; hellos <= 4; hellos++) {
    node.peer.cut();
    await node.peer.until(() => node.peer.hellos.length === hellos);
  }
  const { log } = await node.peer.run({ script: 'echo still here' });
  expect(log.toString()).toBe('still here\n');
});

describe('orders', () => {
  test('that come twice are carried out once', async () => {
    await using node = await connectAgent();
    const step = node.peer.start({ script: 'echo ran >> runs' });
    node.peer.send(step);
    await node.peer.finished(step);
    node.peer.send(step);
    await node.peer.run({ script: 'true' });
    expect(await readFile(join(node.workspace, 'runs'), 'utf8')).toBe('ran\n');
  });

  test('to forget a step kill it', async () => {
    await using node = await connectAgent();
    const step = node.peer.start({ script: 'echo $$; exec sleep 600' });
    await node.peer.until(() => node.peer.log(step.stream).length > 0);
    const pid = node.peer.log(step.stream).toString().trim();
    node.peer.forget(step);
    node.peer.cut();
    await node.peer.until(() => node.peer.hellos.length > 1);
    const { log } = await node.peer.run({
      script: `while kill -0 ${pid} 2>/dev/null; do sleep 0.01; done; echo gone`,
    });
    expect(log.toString()).toBe('gone\n');
  });
});

describe('the agent ends', () => {
  /** Starts processes that left the step's process group and session, and gives their numbers. */
  const SCATTERED =
    'setsid sleep 600 >/dev/null 2>&1 & (setsid sh -c "sleep 600 & echo \\$!; exec sleep 601" & ) ; sleep 0.2; echo up; exec sleep 602';

  async function startScattered(node: Awaited<ReturnType<typeof connectAgent>>) {
    const step = node.peer.start({ script: SCATTERED });
    await node.peer.until(() => node.peer.log(step.stream).includes('up'));
    return node.peer.log(step.stream).toString().split('\n')[0] ?? '';
  }

  test.each([
    ['when its lease ends', 0, (node) => node.peer.send({ type: 'lease.end' })],
    [
      'when it is refused',
      3,
      (node) => {
        node.peer.greeting = 'refused';
        node.peer.cut();
      },
    ],
    ['when it is told to terminate', 143, (node) => node.agent.kill('SIGTERM')],
  ] as [string, number, (node: Awaited<ReturnType<typeof connectAgent>>) => void][])(
    '%s, and leaves nothing running',
    async (_, code, end) => {
      await using node = await connectAgent();
      const pid = await startScattered(node);
      expect(isRunning(pid)).toBe(true);
      end(node);
      expect(await node.agent.exited).toBe(code);
      await expect.poll(() => isRunning(pid)).toBe(false);
    },
  );

  test('L9: when it is refused at first, instead of asking for ever', async () => {
    await using node = await connectAgent({ prepare: (peer) => (peer.greeting = 'refused') });
    expect(await node.agent.exited).toBe(3);
    expect(node.agent.console()).toContain('refused: not today');
  });

  test('when its input ends before the bootstrap line', async () => {
    const agent = startAgent({});
    expect(await agent.exited).toBe(2);
    expect(agent.console()).toBe('');
  });
});

test('nothing secret reaches the console, the command line or the environment', async () => {
  await using node = await connectAgent();
  await node.peer.run({ script: 'echo hunter2', secrets: ['hunter2'] });
  const [command, environment] = await Promise.all(
    ['cmdline', 'environ'].map((file) => readFile(`/proc/${node.agent.pid}/${file}`, 'utf8')),
  );
  for (const seen of [node.agent.console(), command, environment])
    expect(seen).not.toMatch(/bootstrap|session-|hunter2/);
});
