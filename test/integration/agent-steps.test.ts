import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectAgent } from '#test/agent-fixture';
import { buildAgent } from '#test/agent-process';

beforeAll(buildAgent);

describe('how a step ends is told truthfully', () => {
  test.each([
    ['exit 0', { reason: 'exited', exit: 0, signal: null }],
    ['exit 3', { reason: 'exited', exit: 3, signal: null }],
    ['false; echo not reached', { reason: 'exited', exit: 1, signal: null }],
    ['kill -SEGV $$', { reason: 'exited', exit: null, signal: 'SIGSEGV' }],
  ])('%s', async (script, end) => {
    await using node = await connectAgent();
    const { finished, log } = await node.peer.run({ script });
    expect(finished.end).toEqual(end);
    expect(log.toString()).toBe('');
  });

  test('bash fails where a command in a pipe fails', async () => {
    await using node = await connectAgent();
    const { finished } = await node.peer.run({ shell: 'bash', script: 'false | true' });
    expect(finished.end.exit).toBe(1);
  });

  test('python prints at once and in order', async () => {
    await using node = await connectAgent();
    const script = 'import sys\nprint(1)\nprint(2, file=sys.stderr)\nprint(3)\nsys.exit(4)';
    const { finished, log } = await node.peer.run({ shell: 'python', script });
    expect(log.toString()).toBe('1\n2\n3\n');
    expect(finished.end.exit).toBe(4);
  });

  test('a step that can not start says why', async () => {
    await using node = await connectAgent();
    const missing = await node.peer.run({ script: 'true', workingDirectory: 'no/such' });
    expect(missing.finished.end).toMatchObject({ reason: 'not-started', exit: null });
    expect(missing.finished.end.message).toContain('no/such does not exist');
    const bare = await node.peer.run({ script: 'true', shell: 'bash', env: { PATH: '/nowhere' } });
    expect(bare.finished.end.message).toContain('no bash in its PATH (/nowhere)');
  });

  test('a step that is too slow gets SIGTERM', async () => {
    await using node = await connectAgent();
    const { finished } = await node.peer.run({ script: 'sleep 60', timeoutMs: 100 });
    expect(finished.end).toEqual({ reason: 'timed-out', exit: null, signal: 'SIGTERM' });
  });

  test('a step that ignores SIGTERM gets SIGKILL, and its children too', async () => {
    await using node = await connectAgent();
    const script = 'set +e; trap "echo caught" TERM; (trap "" TERM; sleep 60) & while :; do sleep 0.05; done';
    const { finished, log } = await node.peer.run({ script, timeoutMs: 200, graceMs: 200 });
    expect(finished.end).toEqual({ reason: 'timed-out', exit: null, signal: 'SIGKILL' });
    expect(log.toString()).toContain('caught');
  });

  test('a cancelled step that cleans up has its own exit code', async () => {
    await using node = await connectAgent();
    const step = node.peer.start({
      script: 'trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.05; done',
    });
    await node.peer.until(() => node.peer.log(step.stream).includes('up'));
    node.peer.send({ type: 'step.cancel', step: step.step, graceMs: 10_000 });
    const { finished, log } = await node.peer.finished(step);
    expect(finished.end).toEqual({ reason: 'cancelled', exit: 7, signal: null });
    // Some shells tell that the signal ended their `sleep`.
    expect(log.toString()).toMatch(/^up\n(Terminated\n)?bye\n$/);
  });
});

describe('the output', () => {
  test('of both kinds is one stream in the order in which it was written', async () => {
    await using node = await connectAgent();
    const script = 'i=0; while [ $i -lt 500 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done';
    const { log } = await node.peer.run({ script });
    const lines = Array.from({ length: 500 }, (_, index) => `o${index}\ne${index}\n`);
    expect(log.toString()).toBe(lines.join(''));
  });

  test('can be opened again by its names in /dev', async () => {
    await using node = await connectAgent();
    const { log, finished } = await node.peer.run({
      script: 'echo a >/dev/stderr; echo b | tee /dev/stderr >/dev/null',
    });
    expect(finished.end.exit).toBe(0);
    expect(log.toString()).toBe('a\nb\n');
  });

  test('of a million lines arrives byte for byte', async () => {
    await using node = await connectAgent();
    const { finished, log } = await node.peer.run({ script: 'seq -f "%079.0f" 1000000' });
    const expected = createHash('sha256');
    for (let line = 1; line <= 1_000_000; line++) expected.update(`${String(line).padStart(79, '0')}\n`);
    expect(log.length).toBe(80_000_000);
    expect(finished.logBytes).toBe(80_000_000);
    expect(createHash('sha256').update(log).digest('hex')).toBe(expected.digest('hex'));
  });

  test('that a background process holds is not waited for, and the log says so', async () => {
    await using node = await connectAgent();
    const { finished, log } = await node.peer.run({ script: 'echo before; sleep 600 & echo $! > pid' });
    expect(finished.end).toEqual({ reason: 'exited', exit: 0, signal: null });
    expect(log.toString()).toMatch(/^before\n\[footman\] .*still held the output.*\n$/);
    const pid = (await readFile(join(node.workspace, 'pid'), 'utf8')).trim();
    // It was told to end; the kernel takes its time for that. Who stays alive keeps this step, and the test, until its time is over.
    const { log: seen } = await node.peer.run({
      script: `while grep -q '^State:[[:space:]]*[^ZX]' /proc/${pid}/status 2>/dev/null; do sleep 0.05; done; echo gone`,
    });
    expect(seen.toString()).toBe('gone\n');
  });

  test('ends with a marker at its limit, and the step goes on', async () => {
    await using node = await connectAgent();
    const { finished, log } = await node.peer.run({
      script: 'seq 100000; echo x=done >> $FOOTMAN_OUTPUT',
      logLimit: 1024,
    });
    expect(log.toString()).toMatch(/\n\[footman\] log limit of 1 KiB reached; the rest is not kept\n$/);
    expect(finished).toMatchObject({ end: { exit: 0 }, outputs: { x: 'done' }, logBytes: log.length });
  });

  test('shows no secret, however it is written', async () => {
    await using node = await connectAgent();
    const secret = 'p@ss/word & "more"';
    const script = [
      'echo "$TOKEN"',
      'printf %s "$TOKEN" | base64',
      String.raw`printf '%s\n' "$TOKEN" | fold -w 3 | while IFS= read -r part; do printf %s "$part"; sleep 0.01; done; echo`,
    ].join('\n');
    const { log } = await node.peer.run({ script, env: { TOKEN: secret }, secrets: [secret] });
    expect(log.toString()).toBe('***\n***\n***\n');
  });
});

describe('what a step hands on', () => {
  const secret = 'p@ss/word & "more"';

  test('leaves the node without secrets, however they are written; names stay, and later steps get the values', async () => {
    await using node = await connectAgent();
    const script = [
      'echo "plain=<$TOKEN>" >> $FOOTMAN_OUTPUT',
      'echo "encoded=$(printf %s "$TOKEN" | base64)" >> $FOOTMAN_OUTPUT',
      'printf "lines<<E\\none %s two\\nE\\n" "$TOKEN" >> $FOOTMAN_OUTPUT',
      'echo "KEPT=$TOKEN" >> $FOOTMAN_ENV',
    ].join('\n');
    const { finished } = await node.peer.run({ script, env: { TOKEN: secret }, secrets: [secret] });
    expect(finished.outputs).toEqual({ plain: '<***>', encoded: '***', lines: 'one *** two' });
    const later = await node.peer.run({
      script: `[ "$KEPT" = '${secret}' ] && echo "same: $KEPT"`,
      secrets: [secret],
    });
    expect(later.log.toString()).toBe('same: ***\n');
  });

  test('names no secret as the reason why it could not start, wherever the sentence is cut', async () => {
    await using node = await connectAgent();
    // The sentence is cut within the folders of PATH; the secret stands across every place where that may be.
    const path = `/${'x'.repeat(3900)}${secret.repeat(40)}`;
    const { finished } = await node.peer.run({
      script: 'true',
      shell: 'bash',
      env: { PATH: path },
      secrets: [secret],
    });
    expect(finished.end.reason).toBe('not-started');
    expect(finished.end.message).toContain('x***');
    expect(finished.end.message).not.toContain('p@');
  });

  test('starts by any command line', async () => {
    await using node = await connectAgent();
    const perl = await node.peer.run({
      shell: ['perl', '-w'],
      script: 'print "perl ", 6 * 7, "\\n"; exit 5',
    });
    expect(perl.log.toString()).toBe('perl 42\n');
    expect(perl.finished.end).toEqual({ reason: 'exited', exit: 5, signal: null });
    const placed = await node.peer.run({
      shell: ['sh', '{0}', 'a b', '{0}x'],
      script: 'echo "$1"; echo "$2" "$0"',
    });
    const [first, second = ''] = placed.log.toString().split('\n');
    expect(first).toBe('a b');
    expect(second.split(' ')[0]).toBe(`${second.split(' ')[1]}x`);
    const lost = await node.peer.run({ shell: ['no-such-shell'], script: 'x' });
    expect(lost.finished.end.message).toContain('this node has no no-such-shell in its PATH');
    const relative = await node.peer.run({ shell: ['./no-such-shell'], script: 'x' });
    expect(relative.finished.end.reason).toBe('not-started');
  });
});

describe('a step’s surroundings', () => {
  test('are the node’s own, and nothing of what runs the agent', async () => {
    await using node = await connectAgent({
      env: { HOME: '/home/x', EXTRA: '1' },
    });
    const { log } = await node.peer.run({
      script: 'env; readlink /proc/self/fd/0; ls -l /proc/self/fd',
      env: { OWN: '2' },
    });
    const lines = log.toString().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(['HOME=/home/x', 'EXTRA=1', 'OWN=2', 'CI=true', 'FOOTMAN=true']),
    );
    expect(lines).toContain(`FOOTMAN_WORKSPACE=${node.workspace}`);
    expect(log.toString()).not.toMatch(/^(LD_|NODE_)/m);
    expect(log.toString()).not.toContain('bootstrap');
    // Its input is empty, and the agent's sockets and files are not open.
    expect(lines).toContain('/dev/null');
    expect(log.toString()).not.toMatch(/socket:|anon_inode|spool/);
  });

  test('are handed on from step to step', async () => {
    await using node = await connectAgent();
    const first = await node.peer.run({
      script: [
        'echo "answer=42" >> $FOOTMAN_OUTPUT',
        'printf "text<<E\\none\\ntwo\\nE\\n" >> $FOOTMAN_OUTPUT',
        'echo "SHARED=yes" >> $FOOTMAN_ENV',
        'mkdir bin; printf "#!/bin/sh\\necho tool" > bin/tool; chmod +x bin/tool; echo "$PWD/bin" >> $FOOTMAN_PATH',
      ].join('\n'),
    });
    expect(first.finished.outputs).toEqual({ answer: '42', text: 'one\ntwo' });
    const second = await node.peer.run({ script: 'echo $SHARED; tool; ls' });
    expect(second.log.toString()).toBe('yes\ntool\nbin\n');
  });

  test('that begin with FOOTMAN_ are set by Footman alone', async () => {
    await using node = await connectAgent();
    const first = await node.peer.run({ script: 'echo "FOOTMAN_TAG=v1" >> $FOOTMAN_ENV' });
    expect(first.log.toString()).toContain('FOOTMAN_TAG is left out');
    const second = await node.peer.run({ script: 'echo "[$FOOTMAN_TAG]"' });
    expect(second.log.toString()).toBe('[]\n');
  });

  test('name a bad line in the log, and the step keeps its result', async () => {
    await using node = await connectAgent();
    const { finished, log } = await node.peer.run({
      script: 'printf "a=1\\nnonsense\\n" >> $FOOTMAN_OUTPUT; printf tail',
    });
    expect(finished).toMatchObject({ end: { exit: 0 }, outputs: { a: '1' } });
    expect(log.toString()).toBe(
      'tail\n[footman] FOOTMAN_OUTPUT, line 2 is neither name=value nor name<<DELIMITER\n',
    );
  });

  test('survive a FIFO where a file should be', async () => {
    await using node = await connectAgent();
    const { finished, log } = await node.peer.run({ script: 'rm $FOOTMAN_OUTPUT; mkfifo $FOOTMAN_OUTPUT' });
    expect(finished.end.exit).toBe(0);
    expect(log.toString()).toContain("FOOTMAN_OUTPUT can't be read: it is no plain file");
  });

  test('do not source the user’s start-up files', async () => {
    await using node = await connectAgent();
    await node.peer.run({
      script: 'echo "echo sourced" > .bashrc; echo "echo sourced" > .profile; cp .bashrc .bash_profile',
    });
    const { log } = await node.peer.run({
      shell: 'bash',
      script: 'echo ran',
      env: { HOME: node.workspace, SHLVL: '0' },
    });
    expect(log.toString()).toBe('ran\n');
  });

  test('leave no trace of the step’s own files', async () => {
    await using node = await connectAgent();
    const step = node.peer.start({ script: 'true' });
    await node.peer.finished(step);
    await node.peer.run({ script: 'true' });
    expect(existsSync(join(node.folder, 'root/steps', step.step))).toBe(false);
  });
});

describe('inputs', () => {
  const bytes = Buffer.from('some input');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const input = {
    name: 'file.txt',
    bytes: bytes.length,
    sha256,
    request: { method: 'GET' as const, url: '/blobs/in?sig=1', headers: {} },
  };

  test('are there when the script starts, even if the storage stumbles', async () => {
    await using node = await connectAgent();
    node.peer.blobs.set('/blobs/in?sig=1', bytes);
    node.peer.failures.push(503, 500);
    const { log } = await node.peer.run({ script: 'cat $FOOTMAN_INPUTS/file.txt', inputs: [input] });
    expect(log.toString()).toBe('some input');
  });

  test('that are not what was promised keep the script from starting', async () => {
    await using node = await connectAgent();
    node.peer.blobs.set('/blobs/in?sig=1', Buffer.from('evil input'));
    const { finished } = await node.peer.run({ script: 'echo ran', inputs: [input] });
    expect(finished.end).toMatchObject({ reason: 'not-started', exit: null });
    expect(finished.end.message).toContain('its input file.txt could not be fetched: its SHA-256');
  });

  test('that are refused are not asked for again', async () => {
    await using node = await connectAgent();
    node.peer.failures.push(403, 500);
    const { finished } = await node.peer.run({ script: 'echo ran', inputs: [input] });
    expect(finished.end.message).toContain('answered 403');
    expect(node.peer.failures).toEqual([500]);
  });
});
