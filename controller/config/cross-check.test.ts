import { expect, test } from 'vitest';
import { loadConfiguration, type ConfigurationMistakes } from './index.ts';

async function mistakes(cloud: string, kind = 'process'): Promise<string[]> {
  const text = `clouds:\n  lab:\n    kind: ${kind}\n${cloud}`;
  try {
    await loadConfiguration({ text, env: {}, overrides: { data: '/tmp/none' } });
    return [];
  } catch (error) {
    return (error as ConfigurationMistakes).problems.map(
      ({ line, column, message }) => `${line}:${column}: ${message}`,
    );
  }
}

test('a quota on an amount wants every template that it covers to say how much it takes', async () => {
  const found = await mistakes(`    max-cpus: 8
    max-memory: 8GiB
    templates:
      a: { labels: a, cpus: 2 }
      b: { labels: b, memory: 1GiB }
      c: { labels: c, max-cpus: 4 }
`);
  expect(found).toEqual([
    '4:5: max-cpus counts the cpus of every node, but templates b, c do not say how much that is',
    '5:5: max-memory counts the memory of every node, but templates a, c do not say how much that is',
    '9:23: max-cpus counts the cpus of every node, but template c does not say how much that is',
  ]);
});

test('a size that a kind of cloud gives its nodes unless told otherwise is what quotas count', async () => {
  const { clouds } = await loadConfiguration({
    text: `
clouds:
  lab:
    kind: qemu
    templates:
      small: { labels: small, image: /image.qcow2 }
      large: { labels: large, image: /image.qcow2, cpus: 4, memory: 8GiB }
`,
    env: {},
    overrides: { data: '/tmp/none' },
  });
  expect(clouds[0]?.templates).toMatchObject([
    { settings: { cpus: 1, memory: 2 ** 30 }, size: { cpus: 1, memoryBytes: 2 ** 30 } },
    { settings: { cpus: 4, memory: 2 ** 33 }, size: { cpus: 4, memoryBytes: 2 ** 33 } },
  ]);
});

test('a quota takes the size that a kind of cloud gives its nodes for what they take', async () => {
  const templates = `    templates: { a: { labels: a, image: /image.qcow2 } }\n`;
  expect(await mistakes(`    max-memory: 4GiB\n    max-cpus: 4\n${templates}`, 'qemu')).toEqual([]);
  expect(await mistakes(`    max-memory: 512MiB\n${templates}`, 'qemu')).toEqual([
    expect.stringContaining('a node of template a has more memory than max-memory allows'),
  ]);
});

test.each(['docker', 'qemu'])('a %s template says either image or stream', async (kind) => {
  const found = await mistakes(
    `    templates:
      a: { labels: a, image: /image.qcow2, stream: ubuntu }
      b: { labels: b }
      c: { labels: c, stream: ubuntu }
      d: { labels: d, stream: Ubuntu/1 }
`.replaceAll('/image.qcow2', kind === 'docker' ? 'debian' : '/image.qcow2'),
    kind,
  );
  expect(found.filter((line) => /either/.test(line))).toEqual([
    `5:${kind === 'docker' ? 38 : 44}: say either image or stream`,
    '6:7: say either image or stream',
  ]);
  expect(found.filter((line) => line.startsWith('8:'))).toEqual([
    "8:31: a stream's name has lower-case letters, digits, -, _ and . only, at most 64",
  ]);
});

test('a stream is for kinds of clouds that can capture their nodes', async () => {
  const templates = `    templates: { a: { labels: a, stream: ubuntu } }\n`;
  expect(await mistakes(templates)).toEqual(['4:34: nodes of kind process are made from no image']);
  expect(await mistakes(`    world: /world\n${templates}`, 'fake')).toEqual([]);
});

test('a template that could never have a node is told', async () => {
  const found = await mistakes(`    max-memory: 1GiB
    templates:
      a: { labels: a, memory: 2GiB }
      b: { labels: b, memory: 1GiB }
`);
  expect(found).toEqual([
    '6:31: a node of template a has more memory than max-memory allows: none could ever be launched',
  ]);
});

test('a reserve is less than the nodes that it is a part of', async () => {
  const templates = `    templates: { a: { labels: a } }\n`;
  expect(await mistakes(`    max-nodes: 2\n    reserve: { nodes: 1 }\n${templates}`)).toEqual([]);
  expect(await mistakes(`    max-nodes: 2\n    reserve: { nodes: 2 }\n${templates}`)).toEqual([
    '5:23: the reserve leaves no node to other jobs: it must be less than max-nodes, 2',
  ]);
  expect(await mistakes(`    reserve: { nodes: 2 }\n${templates}`)).toEqual([
    '4:23: the reserve is a part of max-nodes, which this cloud does not have',
  ]);
});

test('each kind of cloud adds what it knows: an SSH template names hosts that there are', async () => {
  const found = await mistakes(
    `    user: ci
    key-file: /key
    hosts: { rack1: { address: rack1.lab, first-use: true } }
    templates: { a: { labels: a, hosts: [rack1, rack2] } }
`,
    'ssh',
  );
  expect(found).toEqual(['7:49: this cloud has no host rack2']);
});
