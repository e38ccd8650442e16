import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFsBlobs, type BlobStorage } from '#controller/blobs';
import { findMissing } from './find-missing.ts';

const never = new AbortController().signal;
const MANY = 40;
const prefix = 'artifacts/one/';
const objects = Array.from({ length: MANY }, (_, index) => ({ key: `${prefix}${index}`, bytes: index }));

let folder: string;
let blobs: BlobStorage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-missing-'));
  blobs = await openFsBlobs({ folder, secret: 'secret' });
  await Promise.all(objects.map(({ key, bytes }) => blobs.put(key, Buffer.alloc(bytes), {}, never)));
});

afterEach(() => rm(folder, { recursive: true }));

test('of objects that are all there, none is missing', async () => {
  expect(await findMissing(objects, { blobs, prefix }, never)).toBeUndefined();
  expect(await findMissing([], { blobs, prefix }, never)).toBeUndefined();
});

test.each([1, MANY])('one of %d that is not there is missing', async (count) => {
  await blobs.remove(`${prefix}0`, never);
  expect(await findMissing(objects.slice(0, count), { blobs, prefix }, never)).toBe(objects[0]);
});

test.each([1, MANY])('one of %d that has another size is missing', async (count) => {
  await blobs.put(`${prefix}0`, Buffer.from('more'), {}, never);
  expect(await findMissing(objects.slice(0, count), { blobs, prefix }, never)).toBe(objects[0]);
});

test('what a listing does not show yet is there all the same', async () => {
  const lagging = {
    head: blobs.head,
    async *list() {
      yield { key: `${prefix}1`, bytes: 1 };
      yield { key: `${prefix}2`, bytes: 1 };
    },
  };
  expect(await findMissing(objects, { blobs: lagging, prefix }, never)).toBeUndefined();
});
