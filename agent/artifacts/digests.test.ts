import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentMessage } from '#shared/protocol';
import { createDigests, type Digests } from './digests.ts';

let workspace: string;
let digests: Digests;
let sent: AgentMessage[];
let told: PromiseWithResolvers<void>;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'footman-digests-'));
  writeFileSync(join(workspace, 'lock'), 'x'.repeat(1024 * 1024));
  sent = [];
  told = Promise.withResolvers();
  const send = (message: AgentMessage): void => {
    sent.push(message);
    if (message.type === 'files.hashed' && message.request === 'last') told.resolve();
  };
  digests = createDigests({ workspace, link: { send } });
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

test('another request ends the one before, which is not answered any more', async () => {
  digests.hash({ type: 'files.hash', request: 'first', globs: ['lock'] });
  digests.hash({ type: 'files.hash', request: 'last', globs: ['lock'] });
  await told.promise;
  expect(sent).toEqual([
    { type: 'files.hashed', request: 'last', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
});

test('the same request over another connection gets the same answer, though the files have changed', async () => {
  digests.hash({ type: 'files.hash', request: 'last', globs: ['lock'] });
  await told.promise;
  writeFileSync(join(workspace, 'lock'), 'changed');
  told = Promise.withResolvers();
  digests.hash({ type: 'files.hash', request: 'last', globs: ['lock'] });
  await told.promise;
  expect(sent[1]).toEqual(sent[0]);
});
