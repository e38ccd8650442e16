import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HoldKey } from '#controller/api';
import type { HeldLab, HeldPlace } from '#test/held-lab';
import { heldNodeSuite } from '#test/held-node-suite';
import { processesOfNode, signalProcesses } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { createSshClient, sshClientMissing, type SshClient, type SshKey } from '#test/ssh-client';
import { folderOnHost, labSettings, placeRuntime } from '#test/ssh-hosts';
import { openSshLab, sshLabMissing, type SshLab } from '#test/ssh-lab';

const address = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
let machine: SshLab;

optionalService('SSH host', sshLabMissing() ?? sshClientMissing() ?? addressMissing())(
  'a held SSH host',
  () => {
    heldNodeSuite(openPlace, { bigBytes: 1e8, short: '6s' }, directWay);
  },
);

/** The host's own sshd lets people in. */
function directWay(lab: () => HeldLab): void {
  test('root of the host has the key, as long as the hold goes on, and the command that is told leads there', async () => {
    const { held, key } = lab();
    await placed(lab(), held.id, key.fingerprint);
    expect((await lab().view()).access.direct).toEqual([`ssh -p ${machine.port} root@${address}`]);
    const [line = '', ...others] = await authorizedKeys('root');
    expect(line).toMatch(new RegExp(`^expiry-time="\\d{14}" ssh-ed25519 \\S+ footman-hold-${held.id}$`));
    expect(line).toContain(key.publicKey.split(' ')[1]);
    expect(others).toEqual([]);
    expect(await whoIsIn('root', key)).toBe('0\n');
  });

  test('a key may be put into another account, from which it goes when it is revoked', async () => {
    const { held, person, api } = lab();
    const { user, uid } = machine.account('plain');
    const key = await person.makeKey('of-plain');
    await api('POST', `/holds/${held.id}/keys`, { key: key.publicKey, login: user });
    const { id } = await placed(lab(), held.id, key.fingerprint);
    expect((await lab().view()).access.direct).toContain(`ssh -p ${machine.port} ${user}@${address}`);
    expect(await whoIsIn(user, key)).toBe(`${uid}\n`);
    expect(await whoIsIn('root', key)).toContain('Permission denied');
    await lab().api('DELETE', `/holds/${held.id}/keys/${id}`);
    await expect.poll(() => authorizedKeys('plain')).toEqual([]);
    expect(await whoIsIn(user, key)).toContain('Permission denied');
  });

  test('an account that there is not is told of', async () => {
    const { held, person, api } = lab();
    const key = await person.makeKey('of-nobody');
    await api('POST', `/holds/${held.id}/keys`, { key: key.publicKey, login: 'nobody-here' });
    const { placed: where } = await placed(lab(), held.id, key.fingerprint);
    expect(where).toEqual({ user: null, problem: 'the node has no account nobody-here' });
  });

  test('an agent that is not root lets people into its own account, until the hold is released', async () => {
    const { key, view, api, gone } = lab();
    const { user, uid } = machine.account('plain');
    const { hold, node } = await holdPlain(lab());
    expect((await view(hold)).access.direct).toEqual([`ssh -p ${machine.port} ${user}@${address}`]);
    expect(await whoIsIn(user, key)).toBe(`${uid}\n`);
    await api('DELETE', `/holds/${hold}`);
    await gone(node);
    expect(await authorizedKeys('plain')).toEqual([]);
    expect(await whoIsIn(user, key)).toContain('Permission denied');
  });

  test('keys go with the node though its agent was dead when the hold ended', async () => {
    const { key, api, gone } = lab();
    const { user } = machine.account('plain');
    const { hold, node } = await holdPlain(lab());
    const theirs = 'ssh-ed25519 AAAA of-the-host';
    const keys = await readFile(keysFile('plain'), 'utf8');
    await writeFile(keysFile('plain'), `${keys}${theirs}\n`);
    signalProcesses(await processesOfNode(node), 'SIGKILL');
    expect(await authorizedKeys('plain')).toEqual([expect.stringContaining(hold), theirs]);
    await api('DELETE', `/holds/${hold}`);
    await gone(node);
    expect(await authorizedKeys('plain')).toEqual([theirs]);
    expect(await whoIsIn(user, key)).toContain('Permission denied');
  });
}

/** A job on the host's plain account that has ended, whose node is held, and the key is there. */
async function holdPlain(lab: HeldLab): Promise<{ hold: string; node: string }> {
  const { controller, key, api } = lab;
  const go = join(machine.home('plain'), `go-${randomUUID()}`);
  const { id: build } = await controller.api.submit(
    `jobs: { a: { runs-on: plain, steps: [{ run: 'until [ -e ${go} ]; do sleep 0.1; done' }] } }`,
  );
  const { jobs } = await controller.api.build(build);
  // By hand, even the last host of a template may be held.
  await api('POST', '/holds', { job: jobs[0]?.id, for: '10m', keys: [key.publicKey] });
  await writeFile(go, '');
  const { nodeId, data } = await controller.api.event(
    ({ kind, buildId, data: news }) =>
      kind === 'hold' && buildId === build && typeof news['expiresAt'] === 'number',
  );
  await placed(lab, data.id, key.fingerprint);
  return { hold: data.id, node: nodeId ?? '' };
}

/** Their number, or what ssh says. */
async function whoIsIn(user: string, key: SshKey): Promise<string> {
  await using client: SshClient = await createSshClient({
    host: address,
    port: machine.port,
    hostKey: machine.hostKey,
  });
  const { stdout, stderr } = await client.ssh({ user, key }, ['id', '-u']);
  return stdout.toString() + stderr;
}

/** The key as it is when the agent has told what became of it. */
async function placed({ view }: HeldLab, hold: string, fingerprint: string): Promise<HoldKey> {
  const find = async () => (await view(hold)).keys.find((key) => key.fingerprint === fingerprint);
  await expect.poll(async () => (await find())?.placed, { timeout: 10_000 }).not.toBeNull();
  return (await find()) as HoldKey;
}

async function authorizedKeys(account: 'root' | 'plain'): Promise<string[]> {
  const text = await readFile(keysFile(account), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

function keysFile(account: 'root' | 'plain'): string {
  return join(machine.home(account), '.ssh', 'authorized_keys');
}

function addressMissing(): string | undefined {
  return address === undefined ? 'this machine has no address but loopback' : undefined;
}

async function openPlace(): Promise<HeldPlace> {
  machine = await openSshLab({ address });
  await placeRuntime(machine);
  const folder = await mkdtemp(join(tmpdir(), 'footman-held-host-'));
  const { hosts, ...login } = await labSettings(machine, folder);
  // It is h3 once more; only one of the two gets a node.
  const h4 = { address: `${address}:${machine.port}`, user: 'root', 'host-key': machine.hostKey };
  // What nobody asks for by hand takes no template's last host.
  const templates = {
    roots: { labels: 'held', hosts: ['h3', 'h4'] },
    others: { labels: 'other', hosts: ['h1', 'h2'] },
    plain: { labels: 'plain', hosts: ['h1'] },
  };
  return {
    clouds: { rack: { kind: 'ssh', ...login, hosts: { ...hosts, h4 }, templates } },
    async remains(node) {
      const folders = (['h1', 'h2', 'h3'] as const).map((host) => folderOnHost(machine, host, node));
      return [...(await processesOfNode(node)), ...folders.filter(existsSync)];
    },
    async [Symbol.asyncDispose]() {
      await machine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
