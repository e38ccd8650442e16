import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plannedNode } from '#controller/provisioner';
import { insertNode, putNodeReport, type Node } from '#controller/store';
import { runningBuild, type HandMadeBuild } from '#test/api-build';
import { holdOn } from '#test/api-hold';
import { startApiServer, type ApiServer } from '#test/api-server';
import { putCurrent, putPrepared } from '#test/image-versions';
import { tellTest } from '#test/told-test';
import { z } from 'zod';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

interface Operation {
  summary: string;
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}

let api: ApiServer;
let made: HandMadeBuild;
let document: Document;
let hold: string;
let toldTest: string;

beforeAll(async () => {
  api = await startApiServer();
  made = await runningBuild(api, ', artifacts: [{ name: out, paths: ["**"] }]');
  const { id } = await putCurrent(api.journal, { name: 'ubuntu', cloud: 'fake' });
  await putPrepared(api.journal, { digest: 'aaaa11', title: 'ceph', cloud: 'fake' });
  await insertNode(api.store.db, { ...NODE, version_id: id });
  await putNodeReport(api.store.db, { node_id: NODE.id, kind: 'check', at: 1, text: CHECKS });
  const body = JSON.stringify({ value: 'correct horse' });
  await api.call('/secrets/TOKEN', {
    method: 'PUT',
    headers: { authorization: `Bearer ${api.admin}` },
    body,
  });
  hold = (await holdOn(api)).id;
  toldTest = await tellTest(api, made);
  document = await api.get<Document>('/openapi.json');
});

afterAll(() => api.dispose());

/** Each call with an address that has an answer. */
function examples(): Record<string, string> {
  const artifact = made.job.artifacts[0]?.id ?? '';
  return {
    'get /whoami': '/whoami',
    'get /builds': '/builds',
    'get /builds/{build}': `/builds/${made.build.id}`,
    'put /builds/{build}/pin': `/builds/${made.build.id}/pin`,
    'delete /builds/{build}/pin': `/builds/${made.build.id}/pin`,
    'get /retention': '/retention?staying=true',
    'post /retention': '/retention',
    'post /builds/{build}/cancel': `/builds/${made.build.id}/cancel`,
    'get /jobs/{job}': `/jobs/${made.job.id}`,
    'get /jobs/{job}/waiting': `/jobs/${made.job.id}/waiting`,
    'post /jobs/{job}/cancel': `/jobs/${made.job.id}/cancel`,
    'get /builds/{build}/tests': `/builds/${made.build.id}/tests?limit=1`,
    'get /jobs/{job}/tests': `/jobs/${made.job.id}/tests`,
    'get /jobs/{job}/tests/{test}': `/jobs/${made.job.id}/tests/${toldTest}`,
    'get /tests': '/tests?flaky=true&limit=1',
    'get /tests/{test}/history': `/tests/${toldTest}/history?limit=1`,
    'get /jobs': '/jobs?label=linux&limit=1',
    'get /artifacts/{artifact}': `/artifacts/${artifact}`,
    'get /artifacts/builds/{build}/{job}/{name}': `/artifacts/builds/${made.build.number}/a/out`,
    'get /artifacts/{artifact}/files': `/artifacts/${artifact}/files`,
    'get /nodes': '/nodes?all=true',
    'get /nodes/{node}': `/nodes/${NODE.id}`,
    'get /nodes/{node}/checks': `/nodes/${NODE.id}/checks`,
    'get /clouds': '/clouds',
    'get /images': '/images',
    'get /images/versions': '/images/versions',
    'get /images/versions/{version}': '/images/versions/ubuntu-1.fake',
    'post /images/versions/{version}/promote': '/images/versions/ubuntu-1.fake/promote',
    'get /images/prune': '/images/prune',
    'post /images/prune': '/images/prune',
    'get /holds': '/holds',
    'get /holds/{hold}': `/holds/${hold}`,
    'get /holds/{hold}/keys': `/holds/${hold}/keys`,
    'get /holds/{hold}/sessions': `/holds/${hold}/sessions`,
    'get /autoholds': '/autoholds',
    'get /keys': '/keys',
    'get /audit': '/audit',
    'get /cordons': '/cordons',
    'get /doctor': '/doctor',
    'get /configuration': '/configuration',
    'get /projects': '/projects',
    'get /secrets': '/secrets',
    'post /secrets/rotate': '/secrets/rotate',
  };
}

describe('the description of the API', () => {
  test('is OpenAPI 3.1 and has every call, with what it takes and answers', () => {
    expect(document.openapi).toBe('3.1.0');
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(calls.toSorted()).toEqual(
      [
        ...Object.keys(examples()),
        'post /builds',
        'post /builds/{build}/rerun',
        'delete /builds/{build}',
        'post /fsck',
        'post /projects',
        'get /projects/{project}/schedules',
        'get /projects/{project}/statuses',
        'get /projects/{project}',
        'put /projects/{project}',
        'delete /projects/{project}',
        'post /projects/{project}/builds',
        'get /projects/{project}/deliveries',
        'post /hooks/{project}',
        'post /sources',
        'post /tokens',
        'post /holds',
        'post /autoholds',
        'delete /autoholds/{autohold}',
        'post /keys',
        'delete /keys/{fingerprint}',
        'delete /holds/{hold}',
        'post /holds/{hold}/extension',
        'post /holds/{hold}/keys',
        'delete /holds/{hold}/keys/{key}',
        'post /holds/{hold}/snapshot',
        'post /holds/{hold}/resume',
        'post /holds/{hold}/terminals',
        'get /holds/{hold}/sessions/{session}/recording',
        'get /steps/{step}/log',
        'get /steps/{step}/log/search',
        'get /artifacts/{artifact}/files/{path}',
        'get /artifacts/{artifact}/archive',
        'get /artifacts/{artifact}/SHA256SUMS',
        'get /artifacts/{artifact}/manifest.json',
        'post /artifacts/{artifact}/links',
        'get /artifacts/shared/{token}/{name}',
        'get /artifacts/builds/{build}/{job}/{name}/{path}',
        'get /artifacts/latest/{job}/{name}',
        'get /artifacts/latest/{job}/{name}/{path}',
        'get /nodes/{node}/console',
        'get /events',
        'delete /images/versions/{version}',
        'post /images/versions/{version}/export',
        'post /images/streams/rollback',
        'post /images/invalidate',
        'post /images/import',
        'put /cordons/{target}',
        'delete /cordons/{target}',
        'post /drains/{target}',
        'delete /nodes/{node}',
        'post /configuration/check',
        'post /configuration/reload',
        'put /secrets/{name}',
        'delete /secrets/{name}',
      ].toSorted(),
    );
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { summary, responses } of Object.values(methods)) {
        expect(summary, path).toMatch(/\.$/);
        expect(responses['default'], path).toBeDefined();
      }
    }
  });

  test('every reference in it leads somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  test('says the truth about what is answered', async () => {
    for (const [call, address] of Object.entries(examples())) {
      const [method = '', path = ''] = call.split(' ');
      const response = await api.call(address, { method: method.toUpperCase() });
      expect(response.status, call).toBe(200);
      const schema = answerSchema(document.paths[path]?.[method], '200');
      expect(schema.safeParse(await response.json()).error, call).toBeUndefined();
    }
  });

  test('and about what is refused', async () => {
    const schema = answerSchema(document.paths['/builds/{build}']?.['get'], 'default');
    for (const [path, init] of [
      ['/builds/none'],
      ['/builds?limit=x'],
      ['/whoami', { headers: {} }],
    ] as const) {
      const body = await (await api.call(path, init)).json();
      expect(schema.safeParse(body).error, path).toBeUndefined();
    }
  });
});

/** The schema as the document tells it, not as the code has it; what it does not name is not allowed. */
function answerSchema(operation: Operation | undefined, status: string): z.ZodType {
  const root = operation?.responses[status]?.content['application/json']?.schema;
  const resolved = JSON.parse(
    JSON.stringify({ ...root, $defs: document.components.schemas }).replaceAll(
      '#/components/schemas/',
      '#/$defs/',
    ),
    (_key, value: unknown) => (isClosed(value) ? { ...value, additionalProperties: false } : value),
  );
  return z.fromJSONSchema(resolved);
}

function isClosed(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && 'properties' in value && !('additionalProperties' in value)
  );
}

const CHECKS = JSON.stringify({
  at: 1,
  results: [{ name: 'script', ok: true, message: null, ms: 3 }],
  output: 'fine',
});

const SMALL = { cloud: 'fake', name: 'small', digest: 'd', labels: new Set(['linux']) };

const NODE: Node = {
  ...plannedNode('node1', { template: SMALL, request: null }, 1),
  state: 'ready',
  resource: 'r',
  facts: {
    os: 'linux',
    architecture: 'x64',
    kernel: '6',
    hostname: 'h',
    cpus: 2,
    memoryBytes: 1,
    diskFreeBytes: 1,
    diskBytes: 1,
    osId: null,
    osVersion: null,
    virtualization: null,
    bootId: null,
  },
  session_epoch: 1,
  launched_at: 1,
  connected_at: 1,
  ready_at: 1,
};
