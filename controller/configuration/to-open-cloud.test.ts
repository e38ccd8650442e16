import { expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { loadConfiguration } from '#controller/config';
import { toOpenCloud } from './to-open-cloud.ts';

test('nodes of another stream are not what the template promises; those of the same stay, whatever limits them', async () => {
  const first = await digestOf('stream: ubuntu');
  expect(await digestOf('stream: ubuntu, max-nodes: 2')).toBe(first);
  const others = [await digestOf('stream: debian'), await digestOf('image: ubuntu')];
  expect(new Set([first, ...others]).size).toBe(3);
});

async function digestOf(keys: string): Promise<string | undefined> {
  const text = `{ data: /d, clouds: { lab: { kind: docker, templates: { a: { labels: a, ${keys} } } } } }`;
  const { clouds } = await loadConfiguration({ text, env: {} });
  const [cloud] = clouds.map((one) => toOpenCloud(one, {} as Cloud));
  return cloud?.templates[0]?.digest;
}
