import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { CHANNEL_WINDOW_BYTES, MAX_CHANNELS } from '#shared/protocol';
import type { AgentChannel } from '#test/agent-channel';
import { buildAgent } from '#test/agent-process';
import { PTY, holdAgent } from '#test/held-agent-fixture';

beforeAll(buildAgent);

/** The number that it prints behind the mark, on a line of its own or at the end of one. */
async function pidAfter(mark: string, channel: AgentChannel): Promise<number> {
  return Number(await channel.shows(new RegExp(`${mark}(\\d+)\\s`)));
}

/** A zombie, whose parent has not looked yet, does not count. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a shell with a terminal', () => {
  test('is in the workspace, on a terminal of its own, after the banner', async () => {
    await using node = await holdAgent({ banner: 'It is held.\nUntil \u001b[2Jlater.\n' });
    const shell = await node.shell({ PS1: '', LANG: 'C' });
    await shell.write('echo "at=$PWD tty=$(tty) term=$TERM lang=$LANG"; exit 3\n');
    expect(await shell.closed).toMatchObject({ exit: 3, signal: null });
    const text = shell.output().toString();
    expect(text.startsWith('It is held.\r\nUntil [2Jlater.\r\n')).toBe(true);
    expect(text).toMatch(new RegExp(`at=${node.workspace} tty=/dev/pts/\\d+ term=xterm lang=C\r\n`));
  });

  test('has the size that it was given, and the one that it gets', async () => {
    await using node = await holdAgent();
    const script = "trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.02; done";
    const channel = await node.exec(script, { ...PTY, columns: 77, rows: 33 });
    await channel.shows('33 77\r\nready');
    channel.resize(120, 50);
    await channel.shows('50 120\r\n');
  });

  test('knows what control-C and the end of the input mean', async () => {
    await using node = await holdAgent();
    const channel = await node.exec(
      "trap 'echo caught' INT; sh -c 'echo ready; exec cat'; cat; echo done",
      PTY,
    );
    await channel.shows('ready');
    await channel.write('\u0003');
    await channel.shows('caught');
    await channel.write('typed\n');
    await channel.shows('typed\r\ntyped\r\n');
    channel.end();
    expect(await channel.closed).toMatchObject({ exit: 0, signal: null });
    expect(channel.output().toString()).toContain('done');
  });

  test('hands a signal to what is in the foreground', async () => {
    await using node = await holdAgent();
    const shell = await node.shell({ PS1: '' });
    await shell.write('sh -c \'echo u""p; exec sleep 600\'; echo "ended=$?"\n');
    await shell.shows('up\r\n');
    shell.signal('TERM');
    await shell.shows('ended=143');
    shell.signal('KILL');
    expect(await shell.closed).toMatchObject({ exit: null, signal: 'SIGKILL' });
  });

  test('prints all of it to one who reads slowly', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('seq 300000', PTY);
    channel.credits = false;
    for (let windows = 0; windows < 2; windows++) {
      await node.peer.until(() => channel.owed() === CHANNEL_WINDOW_BYTES);
      channel.credit();
    }
    channel.credits = true;
    await channel.closed;
    const lines = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\r\n`).join('');
    expect(channel.output().length).toBe(lines.length);
    expect(channel.output().equals(Buffer.from(lines))).toBe(true);
  });

  test('goes on when more is typed than anybody reads', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('stty raw -echo; echo ready; read -r go </dev/null; sleep 600', PTY);
    await channel.shows('ready');
    await channel.write(Buffer.alloc(200_000, 'x'));
    const other = await node.exec('echo other');
    expect(await other.closed).toMatchObject({ exit: 0 });
    expect(other.output().toString()).toBe('other\n');
  });
});

describe('a command', () => {
  test('gets and gives 20 MB byte for byte, within the window', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('cat');
    const bytes = randomBytes(20 * 1024 * 1024);
    await channel.write(bytes);
    channel.end();
    expect(await channel.closed).toMatchObject({ exit: 0, signal: null });
    expect(channel.output().length).toBe(bytes.length);
    expect(sha256(channel.output())).toBe(sha256(bytes));
  });

  test('waits with what its reader does not take, and loses none of it at its end', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('head -c 3000000 /dev/zero; echo end >&2');
    channel.credits = false;
    await node.peer.until(() => channel.owed() === CHANNEL_WINDOW_BYTES);
    // A round trip: what was on its way has arrived.
    const other = await node.exec('true');
    await other.closed;
    expect(channel.owed()).toBe(CHANNEL_WINDOW_BYTES);
    channel.credits = true;
    channel.credit();
    expect(await channel.closed).toMatchObject({ exit: 0 });
    expect(channel.output().length).toBe(3_000_000);
    expect(channel.errors().toString()).toBe('end\n');
  });

  test.each([
    ['exit 7', { exit: 7, signal: null }],
    ['kill -SEGV $$', { exit: null, signal: 'SIGSEGV' }],
    ['no-such-program', { exit: 127, signal: null }],
  ])('tells how it ended: %s', async (command, end) => {
    await using node = await holdAgent();
    const channel = await node.exec(command);
    expect(await channel.closed).toMatchObject(end);
  });

  test('has its errors apart, and no terminal', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('echo out; echo err >&2; tty');
    expect(await channel.closed).toMatchObject({ exit: 1 });
    expect(channel.output().toString()).toBe('out\nnot a tty\n');
    expect(channel.errors().toString()).toBe('err\n');
  });

  test('need not read what it is sent', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('exec <&-; echo shut; sleep 600');
    await channel.shows('shut');
    // More than pipes and windows hold: it comes to an end only if somebody takes it.
    await channel.write(Buffer.alloc(4 * CHANNEL_WINDOW_BYTES));
    channel.close();
  });

  test('ends, though one that it left in the background holds its output', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('sleep 600 & echo "left=$!"');
    expect(await channel.closed).toMatchObject({ exit: 0 });
    expect(isRunning(await pidAfter('left=', channel))).toBe(true);
  });

  test('gets a signal by its name; names that are none do nothing', async () => {
    await using node = await holdAgent();
    const channel = await node.exec("trap 'exit 9' USR1; echo ready; while :; do sleep 0.01; done");
    await channel.shows('ready');
    channel.signal('NONSENSE');
    channel.signal('USR1');
    expect(await channel.closed).toMatchObject({ exit: 9 });
  });

  test('that is too long for the system says so', async () => {
    await using node = await holdAgent();
    await expect(node.exec(`: ${'x'.repeat(200_000)}`)).rejects.toThrow('E2BIG');
    expect(await (await node.exec('true')).closed).toMatchObject({ exit: 0 });
  });
});

describe('channels', () => {
  test('are limited in number, and one that ends makes room', async () => {
    await using node = await holdAgent();
    const all = await Promise.all(Array.from({ length: MAX_CHANNELS }, () => node.exec('cat')));
    await expect(node.exec('true')).rejects.toThrow(`${MAX_CHANNELS} channels`);
    all[0]?.end();
    await all[0]?.closed;
    expect(await (await node.exec('true')).closed).toMatchObject({ exit: 0 });
    await all[1]?.write('alive');
    await all[1]?.shows('alive');
  });

  test('share a connection that takes less than they have to say', async () => {
    await using node = await holdAgent();
    const all = await Promise.all(Array.from({ length: 12 }, () => node.exec('head -c 1000000 /dev/zero')));
    // Nothing but room on the connection lets them go on.
    for (const channel of all) channel.credits = false;
    for (const channel of all) expect(await channel.closed).toMatchObject({ exit: 0 });
    expect(all.map((channel) => channel.output().length)).toEqual(all.map(() => 1_000_000));
  });

  test('end when more is sent than they were credited, and others go on', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('echo "pid=$$"; exec sleep 600');
    const other = await node.exec('cat');
    const pid = await pidAfter('pid=', channel);
    for (let sent = 0; sent <= 4 * CHANNEL_WINDOW_BYTES; sent += 65_536)
      node.peer.sendChannelFrame({ channel: channel.id, stream: 'data', bytes: Buffer.alloc(65_536) });
    expect(await channel.closed).toBeUndefined();
    await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
    await other.write('alive');
    await other.shows('alive');
  });

  test('that are unknown, and frames that can not be read, are ignored', async () => {
    await using node = await holdAgent();
    node.peer.sendChannelFrame({ channel: 4_000_000_000, stream: 'data', bytes: Buffer.from('x') });
    node.peer.sendChannelFrame({ channel: 1, stream: 'data', bytes: Buffer.alloc(0) });
    for (const type of ['channel.eof', 'channel.close'] as const) node.peer.send({ type, channel: 12 });
    expect(await (await node.exec('true')).closed).toMatchObject({ exit: 0 });
  });

  test.each(['closed', 'cut'])(
    'end their processes when they are %s, those that ignore it too',
    async (how) => {
      await using node = await holdAgent();
      const stubborn = await node.exec('trap \'\' HUP; echo "pid=$$"; while :; do sleep 0.05; done');
      const shell = await node.shell({ PS1: '' });
      await shell.write('echo "pid=$$"; sleep 600\n');
      const pids = [await pidAfter('pid=', stubborn), await pidAfter('pid=', shell)];
      if (how === 'cut') node.peer.cut();
      else for (const channel of [stubborn, shell]) channel.close();
      await expect.poll(() => pids.some(isRunning), { timeout: 20_000 }).toBe(false);
      await node.peer.until(() => node.peer.hellos.length === (how === 'cut' ? 2 : 1));
      expect(await (await node.exec('true')).closed).toMatchObject({ exit: 0 });
    },
  );

  test('leave no dead process behind', async () => {
    await using node = await holdAgent();
    for (let times = 0; times < 5; times++) await (await node.exec('(sleep 0 &) ; true')).closed;
    const last = await node.exec(
      'grep -l "^State:[[:space:]]*Z" /proc/[0-9]*/status 2>/dev/null | xargs -r grep "^PPid" | grep -cw "$PPID" || true',
    );
    await last.closed;
    expect(Number(last.output().toString())).toBeLessThan(2);
  });
});

describe('the agent of a held node', () => {
  test('goes on without a connection until the hold is over', async () => {
    await using node = await holdAgent({ graceMs: 60_000 });
    node.peer.graceMs = 0;
    node.peer.cut();
    await node.peer.until(() => node.peer.hellos.length === 2);
    node.peer.greeting = 'silence';
    node.peer.cut();
    await node.peer.until(() => node.peer.hellos.length === 3);
    node.peer.greeting = 'welcome';
    node.peer.cutAll();
    await node.peer.until(() => node.peer.hellos.length === 4);
    expect(await (await node.exec('true')).closed).toMatchObject({ exit: 0 });
  });

  test('ends when the hold is over and there is no connection', async () => {
    await using node = await holdAgent({ graceMs: 0 });
    node.peer.graceMs = 0;
    node.peer.cut();
    await node.peer.until(() => node.peer.hellos.length === 2);
    node.peer.cut();
    expect(await node.agent.exited).toBe(4);
  });

  test('ends with the lease, and with it all that runs there', async () => {
    await using node = await holdAgent();
    const channel = await node.exec('trap "" HUP; echo "pid=$$"; while :; do sleep 0.05; done');
    const pid = await pidAfter('pid=', channel);
    node.peer.send({ type: 'lease.end' });
    expect(await node.agent.exited).toBe(0);
    expect(isRunning(pid)).toBe(false);
  });
});
