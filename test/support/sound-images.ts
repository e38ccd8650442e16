import { expect } from 'vitest';
import type { ImageStreamList, ImageVersion, ImageVersionList } from '#controller/api';
import type { ApiClient } from './api-client.ts';
import type { FakeWorldControl } from './fake-world.ts';
import { processesOfNode } from './node-traces.ts';
import { stepNamed } from './pipelines.ts';

interface Place {
  api: ApiClient;
  /** Those of all clouds. */
  worlds: readonly FakeWorldControl[];
  /** The stream that nodes of this label are made from; and what is on its image. */
  stream: string;
  label: string;
  holds: string;
}

/**
 * What holds of images whatever went wrong before: each current version was verified, a node boots from the stream's, clouds have the images
 * of versions that stay and no other, and no node is left (I2, I5).
 */
export async function expectSoundImages({ api, worlds, stream, label, holds }: Place): Promise<void> {
  const { id } = await api.submit(
    `jobs: { use: { runs-on: ${label}, steps: [{ name: show, run: cat "$FAKE_DISK" }] } }`,
  );
  const user = await api.finished(id);
  expect(user).toMatchObject({ result: 'success' });
  expect(await api.log(stepNamed(user, 'show').id)).toContain(holds);
  const { streams } = await api.get<ImageStreamList>('/images');
  const current = streams.flatMap((each) => (each.current === null ? [] : [each.current.name]));
  expect(streams.find(({ name }) => name === stream)?.current).not.toBeNull();
  for (const name of current) await expectVerified(api, name);
  await expectNothingLeaked(api, worlds);
}

async function expectVerified(api: ApiClient, name: string): Promise<void> {
  const version = await api.get<ImageVersion>(`/images/versions/${name}`);
  expect(version).toMatchObject({ state: 'ready', bad: false });
  // Only what jobs are prepared by is looked at by nobody.
  if (!version.stream.includes('/')) expect(version.verifyJob).not.toBeNull();
}

/** No node, no process of one, no image without a version that stays. */
export async function expectNothingLeaked(
  api: ApiClient,
  worlds: readonly FakeWorldControl[],
): Promise<void> {
  const { nodes } = await api.drained();
  for (const { id } of nodes) expect(await processesOfNode(id)).toEqual([]);
  for (const world of worlds) expect(await world.resources()).toEqual([]);
  await expect
    .poll(async () => (await Promise.all(worlds.map(imagesOf))).flat().toSorted(), { timeout: 20_000 })
    .toEqual(await namesThatStay(api));
}

async function imagesOf(world: FakeWorldControl): Promise<string[]> {
  return (await world.captures()).map(({ name }) => name);
}

async function namesThatStay(api: ApiClient): Promise<string[]> {
  const { versions } = await api.get<ImageVersionList>('/images/versions?state=ready');
  return versions.map(({ name }) => name).toSorted();
}
