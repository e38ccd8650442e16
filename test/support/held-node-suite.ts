import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHeldLab, type HeldLab, type HeldPlace } from './held-lab.ts';
import { freePort } from './ports.ts';
import type { StartedSsh } from './ssh-client.ts';

interface Options {
  /** So much is sent through a tunnel, in bytes. */
  bigBytes: number;
  /** As short as a hold can be with somebody on the node before it is over. */
  short: string;
  /** A shell's command for a server on a port of the node's loopback that sends back all it gets, until that ends. It says when it is ready. */
  echo?: (port: number) => string;
}

const MINUTE = 60_000;

/**
 * What holds for every held node, whatever it is: tried with the programs of OpenSSH. Most of it is tried on one node. `more` declares tests of
 * that node, before it is released.
 */
export function heldNodeSuite(
  open: () => Promise<HeldPlace>,
  { bigBytes, short, echo = perlEcho }: Options,
  more: (lab: () => HeldLab) => void = () => undefined,
): void {
  let lab: HeldLab;
  beforeAll(async () => {
    lab = await openHeldLab(await open());
  }, 2 * MINUTE);
  afterAll(() => lab?.[Symbol.asyncDispose](), 2 * MINUTE);

  test('the result of the job is there at once, and its node is held', async () => {
    expect(lab.held.build).toMatchObject({ result: 'failure', jobs: [{ result: 'failure' }] });
    const { keys, ...hold } = await lab.view();
    expect(hold).toMatchObject({
      state: 'held',
      reason: 'the answer is another one',
      node: { id: lab.held.node, state: 'held', connected: true },
    });
    expect(keys).toMatchObject([{ fingerprint: lab.key.fingerprint }]);
  });

  test('a shell is in a terminal of the size of the screen, which may change, and what runs there can be interrupted', async () => {
    const terminal = lab.person.terminal(lab.login, [], { columns: 91, rows: 27 });
    await terminal.shown('footman-rerun repeats the step');
    terminal.type('tty; stty size; pwd; echo "$COLOUR"\r');
    await terminal.shown(/\/dev\/pts\/\d+/);
    await terminal.shown('27 91');
    await terminal.shown(/\/src\r\n/);
    await terminal.shown('red\r\n');
    terminal.resize({ columns: 133, rows: 44 });
    terminal.type('while [ "$(stty size)" != "44 133" ]; do :; done; echo re""sized\r');
    await terminal.shown('resized');
    // Whoever says it is the one to be interrupted: between two programs there is nobody.
    terminal.type(`sh -c 'echo be""gun; exec sleep 1000'\r`);
    await terminal.shown('begun');
    terminal.type('\u{3}');
    terminal.type('footman-rerun; exit 5\r');
    await terminal.shown('got 42, expected 41');
    expect((await terminal.ended).exit).toBe(5);
  });

  test('a command has its exit status, outputs of its own, and ends by a signal as such', async () => {
    const end = await lab.ssh('echo out; echo err >&2; exit 7');
    expect(end).toMatchObject({ exit: 7, stdout: Buffer.from('out\n'), stderr: 'err\n' });
    const killed = await lab.person.ssh({ ...lab.login, options: ['-v'] }, ['kill -TERM $$']);
    expect(killed.exit).toBe(255);
    expect(killed.stderr).toContain('rtype exit-signal');
  });

  test('footman-rerun repeats the failed step, with what was changed meanwhile', async () => {
    const again = await lab.ssh('footman-rerun');
    expect(again).toMatchObject({ exit: 1, stdout: Buffer.from('got 42, expected 41\n') });
    const changed = await lab.ssh('EXPECTED=42 footman-rerun');
    expect(changed).toMatchObject({ exit: 0, stdout: Buffer.from('got 42, expected 42\n') });
  });

  test('the world is that of the failed step, with the secrets that may stay, and without the others (I7)', async () => {
    const { stdout } = await lab.ssh('cat answer; echo "$COLOUR,$EXPECTED,$PASSED,$WITHHELD."; env');
    expect(stdout.toString()).toMatch(new RegExp(`^6 \\* 7\nred,41,${lab.secrets.passed},\\.\n`));
    expect(stdout.toString()).not.toContain(lab.secrets.withheld);
  });

  test('bytes of all values go in and come out as they are, and so does their end', async () => {
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, at) => at)), randomBytes(1e6)]);
    const { exit, stdout } = await lab.ssh('cat', bytes);
    expect(exit).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  test('scp and sftp copy files both ways', async () => {
    const { person, login } = lab;
    const bytes = randomBytes(1e6);
    await writeFile(join(person.folder, 'sent'), bytes);
    expect(await person.scp(login, ['sent', ':there'])).toMatchObject({ exit: 0, stderr: '' });
    expect(await person.scp(login, [':there', 'back'])).toMatchObject({ exit: 0, stderr: '' });
    expect((await readFile(join(person.folder, 'back'))).equals(bytes)).toBe(true);
    const commands = [
      'mkdir kept',
      'put sent kept/sent',
      'rename kept/sent kept/a',
      'get kept/a again',
      'ls',
    ];
    const sftp = await person.sftp(login, commands);
    expect(sftp).toMatchObject({ exit: 0, stderr: '' });
    expect(sftp.stdout.toString()).toMatch(/^answer\s+kept\s+there\s+$/m);
    expect((await readFile(join(person.folder, 'again'))).equals(bytes)).toBe(true);
  });

  test(
    `a server on the node's own loopback is reached through a tunnel, ${bigBytes / 1e6} MB byte for byte`,
    async () => {
      const { person, login } = lab;
      const port = await freePort();
      const server = person.start(login, [echo(port)]);
      await said(server, 'ready');
      const socketPath = join(person.folder, 'tunnel');
      const forwarding = [
        '-v',
        '-N',
        '-o',
        'ExitOnForwardFailure=yes',
        '-L',
        `${socketPath}:127.0.0.1:${port}`,
      ];
      const tunnel = person.start({ ...login, options: forwarding });
      await said(tunnel, 'Entering interactive session');
      const bytes = randomBytes(bigBytes);
      const socket = connect({ path: socketPath, allowHalfOpen: true });
      socket.end(bytes);
      expect((await buffer(socket)).equals(bytes)).toBe(true);
      tunnel.child.kill();
      expect((await server.ended).exit).toBe(0);
    },
    2 * MINUTE,
  );

  test('a key of nobody who was let in is refused', async () => {
    const stranger = await lab.person.makeKey('stranger');
    const { exit, stdout, stderr } = await lab.person.ssh({ ...lab.login, key: stranger }, ['echo in']);
    expect({ exit, stdout }).toEqual({ exit: 255, stdout: Buffer.from('') });
    expect(stderr).toContain('Permission denied (publickey)');
  });

  test('a key that is revoked lets in no more, and cuts off who is in with it', async () => {
    const guest = { user: lab.held.id, key: await lab.person.makeKey('guest') };
    await lab.api('POST', `/holds/${lab.held.id}/keys`, { key: guest.key.publicKey });
    const session = lab.person.start(guest, ['echo in; exec sleep 1000']);
    await said(session, 'in\n');
    const { keys } = await lab.view();
    const { id = '' } = keys.find(({ fingerprint }) => fingerprint === guest.key.fingerprint) ?? {};
    await lab.api('DELETE', `/holds/${lab.held.id}/keys/${id}`);
    expect(await session.ended).toMatchObject({
      exit: 255,
      stderr: expect.stringContaining('the key was revoked'),
    });
    expect((await lab.person.ssh(guest, ['true'])).stderr).toContain('Permission denied');
    expect((await lab.ssh('echo still in')).stdout.toString()).toBe('still in\n');
  });

  test(
    'a hold that is over cuts off who is in, lets nobody in, and leaves nothing; the other node is not touched (I1, I6)',
    async () => {
      const brief = await lab.holdOther(short);
      expect(brief.node).not.toBe(lab.held.node);
      const login = { ...lab.login, user: brief.id };
      const session = lab.person.start(login, ['echo in; exec sleep 1000']);
      await said(session, 'in\n');
      expect(await session.ended).toMatchObject({
        exit: 255,
        stderr: expect.stringContaining('the hold has expired'),
      });
      expect((await lab.person.ssh(login, ['true'])).stderr).toContain('Permission denied');
      await lab.gone(brief.node);
      expect(await lab.place.remains(brief.node, lab.controller.data)).toEqual([]);
      expect((await lab.ssh('footman-rerun')).stdout.toString()).toBe('got 42, expected 41\n');
    },
    2 * MINUTE,
  );

  test('a controller that was killed lets people in again', async () => {
    const since = await lab.now();
    await lab.controller.kill();
    await lab.controller.start();
    await lab.nodeEvent(since, ({ connected }) => connected === true);
    expect(await lab.view()).toMatchObject({ state: 'held', node: { connected: true } });
    const { exit, stdout } = await lab.ssh('cat answer; footman-rerun');
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 1, stdout: '6 * 7\ngot 42, expected 41\n' });
  });

  more(() => lab);

  test('who is on the node when it is given back is cut off, nothing of it is left, and it had one job', async () => {
    const { id, node } = lab.held;
    const session = lab.person.start(lab.login, ['echo in; exec sleep 1000']);
    await said(session, 'in\n');
    await lab.api('DELETE', `/holds/${id}`);
    expect(await session.ended).toMatchObject({
      exit: 255,
      stderr: expect.stringContaining('the hold was released'),
    });
    expect((await lab.ssh('true')).stderr).toContain('Permission denied');
    await lab.gone(node);
    expect(await lab.place.remains(node, lab.controller.data)).toEqual([]);
    const events = await lab.controller.api.eventsUntil(
      ({ kind, nodeId, data: { state } }) => kind === 'node' && nodeId === node && state === 'deleted',
    );
    const leases = events.filter(({ kind, nodeId, data: { state } }) => {
      return kind === 'node' && nodeId === node && state === 'leased';
    });
    expect(leases).toHaveLength(1);
  });
}

/** One connection, with what every Debian has. */
function perlEcho(port: number): string {
  return `exec perl -MIO::Socket::INET -e '$| = 1;
    $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => ${port}) or die $!; print "ready\\n";
    $c = $s->accept; print $c $b while sysread $c, $b, 65536;'`;
}

/** Resolves when it has said so, on either output. */
async function said({ child, ended }: StartedSsh, text: string): Promise<void> {
  let all = '';
  const heard = Promise.withResolvers<void>();
  const hear = (piece: Buffer): void => {
    all += piece.toString();
    if (all.includes(text)) heard.resolve();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const over = ended.then(({ exit, stderr }) => {
    throw new Error(`it ended with ${exit}: ${stderr}`);
  });
  over.catch(() => undefined);
  await Promise.race([heard.promise, over]);
}
