import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKnownHosts } from '#controller/launchers/ssh';
import { createLogger } from '#controller/logger';
import { FootmanError } from '#shared/errors';
import { createMachines } from './machines.ts';
import { openNodeRecords, type NodeRecords } from './node-records.ts';
import { resetHost } from './reset-host.ts';
import { SshSettings } from './schema.ts';

/** A restart of a machine, and one that fails in the middle, can't be had here: a launcher that notes what it is asked for stands in. */

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBx0vWqMJHKb0cI5kPvnU4RkSxDfAm5bKSn3v6tWqW2z';
const never = new AbortController().signal;
let folder: string;
let records: NodeRecords;
/** What was asked for, in order. */
let calls: string[];
/** Nodes of ours that are on the host. */
let present: Set<string>;
/** Nodes that can't be ended before the host was restarted. */
let stubborn: Set<string>;
let isOff: () => boolean;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-reset-'));
  records = await openNodeRecords(join(folder, 'nodes'), 'c1');
  [calls, present, stubborn, isOff] = [[], new Set(), new Set(), () => false];
});
afterEach(() => rm(folder, { recursive: true }));

test('without anything configured, what is left is ended and the host checked', async () => {
  present.add('n1');
  await reset({});
  expect(calls).toEqual(['boot', 'nodes', 'end n1', 'bring']);
});

test('command, restart and script come in this order, between two looks for what is left', async () => {
  present.add('n1');
  await reset({
    command: ['sh', '-c', mark('$FOOTMAN_HOST at $FOOTMAN_ADDRESS')],
    reboot: true,
    script: 'clean',
  });
  expect(await readFile(join(folder, 'marks'), 'utf8')).toBe('h1 at H1.lab:2222\n');
  expect(calls.slice(0, 3)).toEqual(['boot', 'nodes', 'end n1']);
  expect(calls.slice(3)).toEqual(['boot', 'boot', 'reboot boot-1', 'run clean', 'nodes', 'bring']);
});

test('the command gets none of the controller’s own secrets', async () => {
  process.env['FOOTMAN_TEST_SECRET'] = 'hunter2';
  await reset({ command: ['sh', '-c', `env > ${join(folder, 'environment')}`] });
  delete process.env['FOOTMAN_TEST_SECRET'];
  const environment = await readFile(join(folder, 'environment'), 'utf8');
  expect(environment).toContain('PATH=');
  expect(environment).not.toContain('hunter2');
});

test('a command that fails is the end of it', async () => {
  const command = ['sh', '-c', 'echo no such image >&2; exit 3'];
  await expect(reset({ command, reboot: true })).rejects.toThrow('sh ended with exit code 3: no such image');
  expect(calls).toEqual(['boot', 'nodes']);
});

test('a node that was given up is ended, whether or not its folder is found, and is forgotten then', async () => {
  await records.leave(await records.claim('n1', 'h1'));
  await reset({});
  expect(calls).toEqual(['boot', 'nodes', 'end n1', 'bring']);
  expect(await records.all()).toEqual([]);
});

test('a node that only a restart can end is no obstacle to that restart', async () => {
  await records.leave(await records.claim('n1', 'h1'));
  stubborn.add('n1');
  await expect(reset({})).rejects.toThrow('n1 does not end');
  expect(await records.all()).toHaveLength(1);
  await reset({ reboot: true });
  expect(calls.slice(-4)).toEqual(['reboot boot-1', 'nodes', 'end n1', 'bring']);
  expect(await records.all()).toEqual([]);
});

test('a host that is off is told at once, unless its command turns it on', async () => {
  isOff = () => !existsSync(join(folder, 'marks'));
  await expect(reset({ timeout: '10m' })).rejects.toThrow('host h1 did not answer within 20ms');
  await reset({ command: ['sh', '-c', mark('on')] });
  expect(calls.slice(1)).toEqual(['boot', 'boot', 'nodes', 'bring']);
});

test('a host with a living node is not touched', async () => {
  await records.claim('n1', 'h1');
  await expect(reset({ reboot: true })).rejects.toThrow('host h1 has node n1');
  expect(calls).toEqual([]);
});

test('a host with a new key is trusted anew where its command gives it one, and nowhere else', async () => {
  const known = createKnownHosts(join(folder, 'known_hosts'));
  const place = '[h1.lab]:2222';
  await known.remember(place, KEY);
  await reset({ command: ['true'] });
  expect(await known.find(place)).toBe(KEY);
  await reset({ command: ['true'], 'new-host-key': true });
  expect(await known.find(place)).toBeNull();
});

function mark(text: string): string {
  return `echo ${text} >> ${join(folder, 'marks')}`;
}

async function reset(configured: object): Promise<void> {
  const hosts = { h1: { address: 'H1.lab:2222', 'first-use': true } };
  process.env['FOOTMAN_TEST_KEY'] = 'key';
  const settings = SshSettings.parse({ user: 'ci', 'key-env': 'FOOTMAN_TEST_KEY', hosts, reset: configured });
  const machines = createMachines(settings, createKnownHosts(join(folder, 'known_hosts')));
  const deps = { launcher: standIn(), machines, records, logger: createLogger('silent'), answerMs: 20 };
  await resetHost('h1', deps, never).finally(() => delete process.env['FOOTMAN_TEST_KEY']);
}

function standIn(): Parameters<typeof resetHost>[1]['launcher'] {
  return {
    async nodes() {
      calls.push('nodes');
      return [...present].map((id) => ({ id, createdAt: 1 }));
    },
    async end(_machine, node) {
      calls.push(`end ${node}`);
      if (stubborn.has(node)) throw new FootmanError('cloud-unavailable', `${node} does not end`);
      present.delete(node);
    },
    async bootId(_machine, signal) {
      calls.push('boot');
      if (isOff()) await once(signal, 'abort');
      signal.throwIfAborted();
      return 'boot-1';
    },
    async reboot(_machine, boot) {
      calls.push(`reboot ${boot}`);
      stubborn.clear();
    },
    async run(_machine, script) {
      calls.push(`run ${script}`);
      return '';
    },
    async bring() {
      calls.push('bring');
    },
  };
}
