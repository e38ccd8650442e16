import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import type { BuildView } from '#test/api-client';

/** The nodes are processes of this very machine. */
const SYSTEM = /^ID="?([\w.-]+)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';

function configuration(template: string): string {
  return `clouds: { local: { kind: process, max-nodes: 2, templates: { host: { labels: small, ${template} } } } }`;
}

let folder: string;
let controller: ControllerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-facts-'));
  controller = await startControllerProcess({
    folder,
    configuration: configuration('facts-as-labels: [os, arch]'),
  });
});

afterAll(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a job finds its template by what a node told, and what no node told ends with a sentence, after one node', async () => {
  // Nobody knows yet: both may be served, and one node is asked first.
  const wrong = await submit('nosuchsystem-7');
  const right = await submit(`small && ${SYSTEM} && ${process.arch}`);
  expect(await controller.api.finished(right.id)).toMatchObject({ result: 'success' });
  const { result, jobs } = await controller.api.finished(wrong.id);
  expect(result).toBe('errored');
  expect(jobs).toMatchObject([{ result: 'errored', reason: expect.stringContaining('`nosuchsystem-7`') }]);
  const { nodes } = await controller.api.get<{ nodes: object[] }>('/nodes?all=true');
  expect(nodes.length).toBeLessThanOrEqual(2);
  expect(await templateLabels()).toEqual(expect.arrayContaining(['small', SYSTEM, process.arch]));
  await expect(submit('nosuchsystem-7')).rejects.toThrow('no template has the label');
});

test('what was learned outlives the controller, and not the template that it was learned of', async () => {
  await controller.stop();
  await controller.start();
  expect(await templateLabels()).toContain(SYSTEM);
  await expect(submit('nosuchsystem-7')).rejects.toThrow('no template has the label');

  await controller.stop();
  const file = join(folder, 'footman.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('labels: small,', 'labels: small, environment: { OTHER: image },'));
  await controller.start();
  expect(await templateLabels()).toEqual(['small']);
  const build = await submit(SYSTEM);
  expect(await controller.api.finished(build.id)).toMatchObject({ result: 'success' });
  expect(await templateLabels()).toContain(SYSTEM);
});

function submit(runsOn: string): Promise<BuildView> {
  return controller.api.submit(
    `jobs: { a: { runs-on: ${JSON.stringify(runsOn)}, steps: [{ run: "true" }] } }`,
  );
}

async function templateLabels(): Promise<string[] | undefined> {
  const { clouds } = await controller.api.get<{ clouds: { templates: { labels: string[] }[] }[] }>('/clouds');
  return clouds[0]?.templates[0]?.labels;
}
