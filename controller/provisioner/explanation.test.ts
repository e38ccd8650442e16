import { expect, test } from 'vitest';
import { explainRequest } from './explanation.ts';
import { NOW, nodeOf, requestOf, situationOf } from './test-support.ts';

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
