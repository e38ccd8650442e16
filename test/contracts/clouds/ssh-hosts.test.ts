import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Cloud, Launch } from '#controller/clouds';
import { fingerprint } from '#controller/launchers/ssh';
import { processesOfNode } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { folderOnHost, LAB_HOSTS, placeRuntime, type LabHost } from '#test/ssh-hosts';
import { openSshLab, sshLabMissing, type SshLab } from '#test/ssh-lab';
import { openSshFixture, type SshCloudFixture } from './ssh-fixture.ts';

/** What is told of hosts only: they are there before and after their nodes, and may be gone meanwhile. */

const never = new AbortController().signal;

optionalService('SSH host', sshLabMissing())('a host of an ssh cloud', () => {
  let lab: SshLab;
  let fixture: SshCloudFixture;
  let cloud: Cloud;
  let serial = 0;

  beforeAll(async () => {
    lab = await openSshLab();
    await placeRuntime(lab);
  });
  afterAll(() => lab.close());
  beforeEach(async () => {
    fixture = await openSshFixture(lab);
    ({ cloud } = fixture);
  });
  afterEach(() => fixture.dispose());

  test('has one node at a time, and is not reset under it', async () => {
    const node = await launched('h1');
    await expect(launch(newNode(), 'h1')).rejects.toMatchObject({ message: `host h1 has node ${node}` });
    await expect(reset('h1')).rejects.toMatchObject({ message: `host h1 has node ${node}` });
    expect(await fixture.dialIn.run(node, 'echo alive')).toContain('alive');
    expect(await nodesOf(cloud)).toEqual([node]);
  });

  test('is one that is configured, with a key that can be read', async () => {
    await expect(launch(newNode(), 'h9')).rejects.toMatchObject({ code: 'cloud-refused' });
    const keyless = await fixture.openWith({ 'key-file': '/nowhere/key' });
    await expect(reset('h1', keyless)).rejects.toThrow(
      "the key to log in to host h1 with is missing: /nowhere/key can't be read",
    );
  });

  test('is made from no image', async () => {
    const { template, dialIn } = fixture;
    const wanted = { node: referenceOf(newNode()), template, host: 'h1', bootstrap: dialIn.bootstrap('x') };
    await expect(cloud.launch({ ...wanted, image: 'v-1' }, never)).rejects.toMatchObject({
      code: 'cloud-refused',
    });
    expect(await nodesOf(cloud)).toEqual([]);
  });

  test('is reset by a command here and a script there', async () => {
    const marks = join(fixture.folder, 'marks');
    const command = ['sh', '-c', `echo $FOOTMAN_HOST $FOOTMAN_ADDRESS >> ${marks}`];
    const reset = { command, script: 'id -un > "$HOME/reset-by"', timeout: '20s' };
    const own = await fixture.openWith({ reset });
    expect(own.hosts?.resetLimitMs).toBe(20_000);
    await own.hosts?.reset('h1', never);
    expect(await readFile(marks, 'utf8')).toBe(`h1 127.0.0.1:${lab.port}\n`);
    const { home, user } = lab.account(LAB_HOSTS.h1);
    expect(await readFile(join(home, 'reset-by'), 'utf8')).toBe(`${user}\n`);
  });

  test('whose script fails is told with what it said', async () => {
    const own = await fixture.openWith({ reset: { script: 'echo disk is broken >&2; exit 4' } });
    await expect(reset('h1', own)).rejects.toThrow(/exit code 4: disk is broken/);
  });

  test('whose reset takes too long is given up', async () => {
    const own = await fixture.openWith({ reset: { script: 'sleep 1000', timeout: '1500ms' } });
    await expect(reset('h1', own)).rejects.toThrow('the reset of host h1 did not end within 1.5s');
  });

  test('that may not be restarted says so', async () => {
    const own = await fixture.openWith({ reset: { reboot: true } });
    await expect(reset('h1', own)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringMatching(/may not restart/),
    });
  });

  test('that is silent keeps no node for ever: the next reset ends what is left there', async () => {
    const impatient = await fixture.openWith({ 'answer-timeout': '500ms' });
    const node = await launched('h1', impatient);
    await lab.down();
    await expect(impatient.inspect?.(referenceOf(node), never)).rejects.toMatchObject({
      code: 'cloud-unavailable',
    });
    await expect(impatient.stop(referenceOf(node), never)).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: expect.stringMatching(/h1 \(\[127\.0\.0\.1\]:\d+\)/),
    });
    await impatient.remove(referenceOf(node), never);
    expect(await nodesOf(impatient)).toEqual([]);
    expect(await impatient.inspect?.(referenceOf(node), never)).toEqual({ state: 'gone' });
    await expect(reset('h1', impatient)).rejects.toMatchObject({ code: 'cloud-unavailable' });
    await lab.up();
    // Also for a controller that was restarted meanwhile.
    await expect(launch(newNode(), 'h1', await fixture.reopen())).rejects.toThrow(`host h1 has node ${node}`);
    expect(await processesOfNode(node)).not.toEqual([]);
    await reset('h1');
    expect(await fixture.remains(node)).toEqual([]);
    await launched('h1');
  });

  test('with another key than the pinned one is refused, and both are told', async () => {
    const pinned = { h1: { ...hostOf('h1'), 'host-key': lab.otherHostKey } };
    const own = await fixture.openWith({ hosts: pinned });
    const node = newNode();
    const both = new RegExp(
      `${escaped(fingerprint(lab.otherHostKey))}.*${escaped(fingerprint(lab.hostKey))}`,
    );
    await expect(reset('h1', own)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringMatching(both),
    });
    // Another host of the template may do what this one does not.
    await expect(launch(node, 'h1', own)).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: expect.stringMatching(both),
    });
    expect(existsSync(folderOnHost(lab, 'h1', node))).toBe(false);
    // Nothing can be asked of such a machine, so that its node is let go.
    await own.remove(referenceOf(node), never);
    expect(await nodesOf(own)).toEqual([]);
  });

  test('is trusted on first use once, over restarts; anew only after a command that gives it another key', async () => {
    const hosts = { h1: { ...hostOf('h1'), 'host-key': undefined, 'first-use': true } };
    await reset('h1', await fixture.openWith({ hosts }));
    await lab.changeHostKey();
    await expect(reset('h1', await fixture.openWith({ hosts }))).rejects.toMatchObject({
      code: 'cloud-refused',
    });
    const renewing = { command: ['true'], 'new-host-key': true };
    await reset('h1', await fixture.openWith({ hosts, reset: renewing }));
    await reset('h1', await fixture.openWith({ hosts }));
    await lab.down();
    await lab.up();
    await expect(reset('h1', await fixture.openWith({ hosts }))).rejects.toMatchObject({
      code: 'cloud-refused',
    });
  });

  test('lets agents go on over a restart of the controller, and over a lost connection', async () => {
    const node = await launched('h1');
    await fixture.dialIn.run(node, 'echo first');
    await cloud.close();
    await fixture.dialIn.left(node);
    await fixture.reopen();
    await fixture.dialIn.arrived(node);
    expect(await fixture.dialIn.run(node, 'echo second')).toContain('second');
    await lab.down();
    await fixture.dialIn.left(node);
    await lab.up();
    await fixture.dialIn.arrived(node);
    expect(await fixture.dialIn.run(node, 'echo third')).toContain('third');
    expect(fixture.dialIn.arrivals(node)).toBe(1);
  });

  test('whose agent dials by a URL has the URL to dial', async () => {
    const direct = await fixture.openWith({ 'agents-dial': 'public-url' });
    await expect(launch(newNode(), 'h1', direct)).rejects.toThrow(/no address to reach the controller/);
  });

  test('shares its login with another controller, whose nodes a reset leaves alone', async () => {
    const theirs = await launched('h1', fixture.otherCloud);
    await reset('h1');
    const ours = await launched('h1');
    expect(await fixture.dialIn.run(theirs, 'echo alive')).toContain('alive');
    await cloud.remove(referenceOf(ours), never);
    await reset('h1');
    expect(await fixture.dialIn.run(theirs, 'echo alive')).toContain('alive');
  });

  function newNode(): string {
    return `h-${process.pid}-${++serial}`;
  }

  async function launched(host: LabHost, on = cloud): Promise<string> {
    const node = newNode();
    await launch(node, host, on);
    await fixture.dialIn.arrived(node);
    return node;
  }

  async function launch(node: string, host: string, on = cloud): Promise<void> {
    const { template, dialIn } = fixture;
    const wanted = { node: referenceOf(node), template, host, bootstrap: dialIn.bootstrap(node) };
    await on.launch(wanted satisfies Launch<unknown>, never);
  }

  async function reset(host: LabHost, on = cloud): Promise<void> {
    await on.hosts?.reset(host, never);
  }

  function hostOf(host: LabHost): object {
    return { address: `127.0.0.1:${lab.port}`, user: lab.account(LAB_HOSTS[host]).user };
  }
});

function referenceOf(node: string): { id: string; resource: null } {
  return { id: node, resource: null };
}

async function nodesOf(cloud: Cloud): Promise<string[]> {
  return (await Array.fromAsync(cloud.list(never))).map(({ nodeId }) => nodeId);
}

function escaped(text: string): string {
  return text.replaceAll(/[+/]/g, String.raw`\$&`);
}
