import { expect, test } from 'vitest';
import type { Change } from '#controller/events';
import type { Ledger } from './ledger.ts';
import { createProvisioner } from './provisioner.ts';
import { NOW, situationOf } from './test-support.ts';

test.each<[string, Change]>([
  ['a request', { kind: 'request', jobId: 'j', data: { id: 'r', state: 'requested' } }],
  ['a node that is gone', { kind: 'node', data: { id: 'n', state: 'deleted' } }],
  ['a cordon that is taken away', { kind: 'cordon', data: { id: 'c', state: 'uncordoned' } }],
  ['a host that is free', { kind: 'host', data: { id: 'h', state: 'free' } }],
  ['another limit of a project', { kind: 'project', data: { id: 'p', state: 'changed' } }],
  ['another current image', { kind: 'image', data: { id: 'v', state: 'promoted' } }],
  ['another configuration', { kind: 'configuration', data: { id: 'configuration', state: 'reloaded' } }],
])('%s is a reason to plan at once', (_, change) => {
  expect(provisioner().observe([change])).toBe(true);
});

test.each<[string, Change]>([
  ['a step', { kind: 'step', data: { id: 's', state: 'finished' } }],
  ['an image that is being verified', { kind: 'image', data: { id: 'v', state: 'verifying' } }],
  ['a job that runs', { kind: 'job', data: { id: 'j', state: 'running' } }],
])('%s is none', (_, change) => {
  expect(provisioner().observe([change])).toBe(false);
});

/** One that is never run. */
function provisioner() {
  return createProvisioner({
    ...situationOf(),
    ledger: undefined as unknown as Ledger,
    clock: { now: () => NOW, after: () => () => undefined },
    logger: undefined as never,
    bootstrapToken: () => '',
    timeouts: { launchMs: 1, connectMs: 1, checkMs: 1, agentLostMs: 1 },
    signal: new AbortController().signal,
  });
}
