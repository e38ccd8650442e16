import { describe, expect, test } from 'vitest';
import { loadConfiguration, type Configuration } from '#controller/config';
import { compareConfigurations, type Surroundings } from './index.ts';

const BASE = `
data: /var/lib/footman
timeouts: { queue: 1h }
clouds:
  local:
    kind: process
    max-nodes: 4
    templates:
      host: { labels: process linux }
      spare: { labels: process spare }
  lab:
    kind: fake
    world: /lab
    templates: { small: { labels: lab, environment: { API_TOKEN: hunter2 } } }
`;

function load(text: string, env: NodeJS.ProcessEnv = {}): Promise<Configuration> {
  return loadConfiguration({ text, env });
}

async function changed(edit: (text: string) => string, surroundings?: Surroundings): Promise<string[]> {
  const [before, after] = [await load(BASE), await load(edit(BASE))];
  return compareConfigurations(before, after, surroundings).map(
    ({ takes, sentence, why }) => `${takes}: ${sentence}${why === null ? '' : ` (${why})`}`,
  );
}

const put = (text: string, other: string) => (base: string) => {
  if (!base.includes(text)) throw new Error(`${text} is not in the base`);
  return base.replace(text, other);
};

function withoutLab(base: string): string {
  return base.slice(0, base.indexOf('  lab:'));
}

const LATE = 'it is read when the controller starts';

describe('a configuration compared with the one that runs', () => {
  test('has no changes where it means the same', async () => {
    expect(await changed((base) => `# a comment\n${base}listen: 127.0.0.1:8080\n`)).toEqual([]);
    expect(await changed(put('queue: 1h', 'queue: 60m'))).toEqual([]);
  });

  test('names each key with both values, and says what it takes', async () => {
    expect(await changed(put('queue: 1h', 'queue: 90m'))).toEqual(['now: timeouts.queue: 1h → 1h30m']);
    for (const key of ['cancel-grace', 'artifacts'])
      expect(await changed(put('queue: 1h', `queue: 1h, ${key}: 7s`))).toEqual([
        expect.stringMatching(/^now: timeouts/),
      ]);
    expect(await changed((base) => `${base}images: { prepared-disk: 1GiB }\n`)).toEqual([
      'now: images.prepared-disk: 1GiB (was not set)',
    ]);
    expect(await changed((base) => `${base}public-url: https://ci.lab\n`)).toEqual([
      `restart: public-url: https://ci.lab (was not set) (${LATE})`,
    ]);
    expect(await changed(put('/var/lib/footman', '/srv'))).toEqual([
      `restart: data: /var/lib/footman → /srv (${LATE})`,
      `restart: blobs.folder: /var/lib/footman/blobs → /srv/blobs (${LATE})`,
      `restart: secrets.key-file: /var/lib/footman/secrets.key → /srv/secrets.key (${LATE})`,
    ]);
    expect(await changed(put('max-nodes: 4', 'launch-rate: { per-minute: 6 }'))).toEqual([
      'now: cloud local: max-nodes is not set any more (was 4)',
      'now: cloud local: launch-rate: {"per-minute":6,"burst":10} (was not set)',
    ]);
  });

  test('tells templates apart: added, removed, changed, in another order', async () => {
    expect(
      await changed(put('labels: process spare', 'labels: process "big one", checks: { dns: [a] }')),
    ).toEqual([
      'now: template local/spare: labels: process spare → process "big one"',
      'now: template local/spare: checks: {"dns":["a"],"timeout":"1m"} (was not set)',
    ]);
    expect(await changed(put('spare:', 'other:'))).toEqual([
      'now: template local/spare is removed',
      'now: template local/other is added (process spare)',
    ]);
    const swapped = put(
      '      host: { labels: process linux }\n      spare: { labels: process spare }\n',
      '      spare: { labels: process spare }\n      host: { labels: process linux }\n',
    );
    expect(await changed(swapped)).toEqual(['now: templates of local have another order: spare, host']);
  });

  test('never shows a secret, though it sees that it is another one', async () => {
    expect(await changed(put('hunter2', 'hunter3'))).toEqual([
      'now: template lab/small: environment.API_TOKEN is another one',
    ]);
  });

  test('the URL of a database is told to be another one, and not shown', async () => {
    const text = 'data: /d\nstore: { kind: postgres }\nclouds: {}\n';
    const [before, after] = await Promise.all(
      ['a', 'b'].map((name) => load(text, { FOOTMAN_DATABASE_URL: `postgres://u:${name}@db/x` })),
    );
    const changes = compareConfigurations(before as Configuration, after as Configuration);
    expect(changes.map(({ takes, sentence }) => [takes, sentence])).toEqual([
      ['restart', 'the URL of the database is another one'],
    ]);
    expect(JSON.stringify(changes)).not.toContain('postgres://');
  });
});

describe('a cloud with nodes', () => {
  const nodes = [{ cloud: 'lab' }, { cloud: 'lab' }];

  test('keeps the connection that made them', async () => {
    expect(await changed(put('world: /lab', 'world: /elsewhere'))).toEqual([
      'now: cloud lab: world: /lab → /elsewhere',
    ]);
    const [refused] = await changed(put('world: /lab', 'world: /elsewhere'), { nodes });
    expect(refused).toContain('refused: cloud lab: world: /lab → /elsewhere (it still has 2 nodes');
    expect(refused).toContain('footman drain lab --wait');
    const kind = put('kind: fake\n    world: /lab', 'kind: process');
    expect((await changed(kind, { nodes })).every((one) => one.startsWith('refused:'))).toBe(true);
    expect(await changed(put('world: /lab', 'world: /lab\n    max-nodes: 1'), { nodes })).toEqual([
      'now: cloud lab: max-nodes: 1 (was not set)',
    ]);
  });

  test('may be removed, and stays open until they are gone', async () => {
    expect(await changed(withoutLab, { nodes })).toEqual([
      'now: cloud lab is removed; it stays open until its 2 nodes are gone',
    ]);
  });

  test('comes back as it was, or when they are gone', async () => {
    const full = await load(BASE);
    const without = await load(withoutLab(BASE));
    const leaving = full.clouds.filter(({ name }) => name === 'lab');
    expect(compareConfigurations(without, full, { nodes, leaving })).toMatchObject([
      { takes: 'now', sentence: 'cloud lab (fake) is added, with the template small' },
    ]);
    const other = await load(BASE.replace('world: /lab', 'world: /elsewhere'));
    expect(compareConfigurations(without, other, { nodes, leaving })).toMatchObject([{ takes: 'refused' }]);
  });
});
