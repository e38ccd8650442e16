import { expect, test } from 'vitest';
import { explainRequest } from './explanation.ts';
import type { Cloud } from '#controller/clouds';
import { versionKey } from './situation.ts';
import { cloudOf, NOW, nodeOf, requestOf, situationOf, templateOf } from './test-support.ts';

const project = { id: 'p', name: 'storage', share: 1, maxNodes: 1 };
const first = requestOf('a', { project, rank: NOW - 1 });
const second = requestOf('b', { project });
const full = { verdict: 'declined', code: 'project-quota' };

test.each([
  ['launched for it', nodeOf('n', 'launching', { request_id: 'a' })],
  ['that a pool launched', nodeOf('n', 'connecting')],
])("a project's limit counts a node on its way to another job, one %s", (_, node) => {
  const situation = situationOf({ requests: [first, second], nodes: [node] });
  expect(explainRequest('job-a', situation)?.candidates).toMatchObject([{ verdict: 'open' }]);
  expect(explainRequest('job-b', situation)?.candidates).toMatchObject([full]);
});

test('what is wrong with the static hosts of a template is told, and not with those of others', () => {
  const hosts = { of: () => ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'], reset: async () => undefined };
  const cloud: Pick<Cloud, 'hosts'> = { hosts };
  const lab = cloudOf('one', [templateOf()], { cloud: cloud as Cloud });
  const troubles = ['h2', 'h3', 'h4', 'h6', 'other'].map((host) => [host, `${host} is broken`] as const);
  const hostTroubles = new Map([['one', new Map(troubles)]]);
  const situation = situationOf({ clouds: [lab], requests: [requestOf('a')], hostTroubles });
  expect(explainRequest('job-a', situation)?.candidates).toMatchObject([
    {
      code: 'hosts',
      reason:
        'all static hosts of template host are busy, being reset, or quarantined (h2: h2 is broken; h3: h3 is broken; h4: h4 is broken; 1 more)',
    },
  ]);
  const free = { ...situation, freeHosts: new Map([['one', ['h1']]]) };
  expect(explainRequest('job-a', free)?.candidates).toMatchObject([{ verdict: 'open' }]);
});

test('which version of an image its node would be made from is told', () => {
  const situation = situationOf({
    clouds: [cloudOf('one', [templateOf({ name: 'own', stream: 'base' }), templateOf({ name: 'plain' })])],
    requests: [requestOf('a'), requestOf('b', { images: { 'one/own': 'v1' } })],
    currentVersions: new Map([[versionKey({ cloud: 'one', stream: 'base' }), 'v2']]),
  });
  expect(explainRequest('job-a', situation)?.candidates).toMatchObject([
    { template: 'own', pin: null, version: 'v2' },
    { template: 'plain', pin: null, version: null },
  ]);
  expect(explainRequest('job-b', situation)?.candidates).toMatchObject([
    { template: 'own', pin: 'v1', version: 'v1' },
  ]);
});
