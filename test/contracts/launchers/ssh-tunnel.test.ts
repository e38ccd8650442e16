import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Endpoints } from '#controller/launchers';
import { optionalService } from '#test/optional';
import { sshLabMissing } from '#test/ssh-lab';
import { openLauncherFixture, type LauncherFixture } from './fixture.ts';

const never = new AbortController().signal;
const SIZE = 24 * 1024 * 1024;

optionalService('OpenSSH lab', sshLabMissing())("the SSH launcher's tunnel", () => {
  const node = `t-${process.pid}`;
  let fixture: LauncherFixture;
  let folder: string;
  let endpoints: Endpoints;
  let server: Server;
  beforeAll(async () => {
    fixture = await openLauncherFixture({ hasRuntime: false });
    folder = await mkdtemp(join(tmpdir(), 'ssh-tunnel-'));
    await chmod(folder, 0o755);
    endpoints = { socketFolder: folder, socketName: 'echo', url: null };
    server = createServer((socket) => {
      socket.once('data', (first) => first.toString('latin1') === 'bye' && socket.unpipe().end('bye'));
      socket.pipe(socket).on('error', () => undefined);
    });
    server.listen(join(folder, 'echo'));
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await fixture.dispose();
    await rm(folder, { recursive: true });
  });

  test('carries every byte both ways, many more than it holds', async () => {
    const bytes = randomBytes(SIZE);
    const file = join(folder, 'bytes');
    await writeFile(file, bytes);
    const [first] = await talk(`
      open(my $f, "<", "${file}"); my $pid = fork;
      if (!$pid) { while (sysread($f, my $b, 65536)) { print {$s[0]} $b } shutdown($s[0], 1); exit }
      my $d = Digest::SHA->new(256); $d->addfile($s[0]); print $d->hexdigest, "\\n";`);
    expect(first).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('takes so many connections at a time, and no more', async () => {
    const answers = await talk(
      `for my $s (@s) { syswrite($s, "x"); } for my $s (@s) { print(sysread($s, my $b, 1) ? "answer\\n" : "end\\n"); }`,
      40,
    );
    expect(answers.filter((line) => line === 'answer')).toHaveLength(32);
    expect(answers.filter((line) => line === 'end')).toHaveLength(8);
  });

  test('has room again for each connection that the controller ends', async () => {
    const answers = await talk(
      `for (1..40) { my $s = IO::Socket::UNIX->new(Peer => "tunnel"); syswrite($s, "bye"); my $all = join("", <$s>); print "$all\n"; }`,
      0,
    );
    expect(answers.filter((line) => line.startsWith('bye'))).toHaveLength(40);
  });

  /** What a program says that has so many connections to the tunnel, as `@s`. */
  async function talk(script: string, connections = 1): Promise<string[]> {
    const perl = `$SIG{PIPE} = "IGNORE"; my @s = map { IO::Socket::UNIX->new(Peer => "tunnel") or die $! } 1..${connections}; $| = 1;
      ${script}; print "done\\n"; sleep 1000`;
    const words = ['/usr/bin/perl', '-MIO::Socket::UNIX', '-MDigest::SHA', '-e', perl];
    const launcher = fixture.withCommand(words, { endpoints });
    const machine = fixture.lab.machine('plain');
    await fixture.start(launcher, machine, node);
    const said = () => launcher.console(machine, node, never);
    await expect.poll(said, { timeout: 30_000, interval: 100 }).toMatch(/done\n$/);
    const text = (await said()) ?? '';
    await launcher.end(machine, node, never);
    return text.trim().split('\n');
  }
});
