import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNodeRecords, type NodeRecords } from './node-records.ts';

let folder: string;
let records: NodeRecords;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-records-'));
  records = await openNodeRecords(folder, 'c1');
});
afterEach(() => rm(folder, { recursive: true }));

test('a host has one node, whoever asks at the same time', async () => {
  const claims = await Promise.allSettled([records.claim('n1', 'h1'), records.claim('n2', 'h1')]);
  expect(claims.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await expect(records.claim('n2', 'h1')).rejects.toThrow('host h1 has node n1');
  expect(await nodes()).toEqual(['n1']);
});

test('a node that is claimed again keeps its host and the time of its first claim', async () => {
  const first = await records.claim('n1', 'h1');
  expect(await (await openNodeRecords(folder, 'c1')).claim('n1', 'h1')).toEqual(first);
  await expect(records.claim('n1', 'h2')).rejects.toThrow('n1 is on host h1, not on h2');
});

test('a host whose node was given up gets no other before that is dropped', async () => {
  await records.leave(await records.claim('n1', 'h1'));
  await expect(records.claim('n2', 'h1')).rejects.toThrow('host h1 has node n1');
  await expect(records.claim('n1', 'h1')).rejects.toThrow('n1 was given up');
  await records.drop('n1');
  await records.drop('n1');
  expect(await records.claim('n2', 'h1')).toMatchObject({ node: 'n2', host: 'h1' });
});

test('another controller’s nodes are not seen, and not taken', async () => {
  const other = await openNodeRecords(folder, 'c2');
  await other.claim('n1', 'h1');
  expect(await records.find('n1')).toBeUndefined();
  expect(await nodes()).toEqual([]);
  await expect(records.claim('n1', 'h2')).rejects.toThrow('another controller');
});

test.each(['', '{"node":"n1"', '{}'])(
  'a record with %j in it is an error, and never no node (L5)',
  async (text) => {
    await writeFile(join(folder, 'n1.json'), text);
    await expect(records.all()).rejects.toMatchObject({ code: 'cloud-unavailable' });
    await expect(records.find('n1')).rejects.toThrow(join(folder, 'n1.json'));
  },
);

test('what is no record is left alone', async () => {
  await writeFile(join(folder, 'n1.json.5f0c'), '{');
  await writeFile(join(folder, 'README'), '');
  expect(await nodes()).toEqual([]);
});

async function nodes(): Promise<string[]> {
  return (await records.all()).map(({ node }) => node);
}
