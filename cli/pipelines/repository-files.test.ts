import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositoryFiles } from './repository-files.ts';

let place: string;

beforeAll(async () => {
  place = realpathSync(await mkdtemp(join(tmpdir(), 'footman-files-')));
  await mkdir(join(place, 'repository/ci/deep'), { recursive: true });
  await mkdir(join(place, 'repository/.git'));
  await mkdir(join(place, 'plain'));
  await writeFile(join(place, 'repository/ci/common.yaml'), 'ours');
  await writeFile(join(place, 'secret'), 'theirs');
  await symlink('../../secret', join(place, 'repository/ci/out.yaml'));
  await symlink('common.yaml', join(place, 'repository/ci/link.yaml'));
});

afterAll(() => rm(place, { recursive: true }));

test('paths are from the root of the repository, wherever in it the pipeline lies', () => {
  const { root, read } = repositoryFiles(join(place, 'repository/ci/deep'));
  expect(root).toBe(join(place, 'repository'));
  expect(read('./ci/common.yaml')).toBe('ours');
  expect(read('./ci/link.yaml')).toBe('ours');
  expect(read('./common.yaml')).toBeUndefined();
});

test('no path leaves the repository, by dots or by links', () => {
  const { read } = repositoryFiles(join(place, 'repository'));
  expect(read('./ci/out.yaml')).toBeUndefined();
  expect(read('./../secret')).toBeUndefined();
  expect(read('./ci/../../secret')).toBeUndefined();
});

test('what is no file is not read', () => {
  const { read } = repositoryFiles(join(place, 'repository'));
  expect(read('./ci')).toBeUndefined();
  expect(read('./ci/none.yaml')).toBeUndefined();
});

test('outside of a repository the folder is the root', () => {
  expect(repositoryFiles(join(place, 'plain')).root).toBe(join(place, 'plain'));
});
