import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventView } from '#test/api-client';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { optionalService } from '#test/optional';
import { startSwift, swiftMissing } from '#test/swift';

/** Whenever the controller dies while artifacts are stored, they are complete in the end, once, and their jobs have their own result (L8, L14). */

const CLOUDS = 'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }';
const FILES = 100;
const PIPELINE = `
jobs:
  make:
    runs-on: linux
    steps:
      - run: |
          mkdir out && for i in $(seq ${FILES - 1}); do echo $i > out/$i; done
          head -c 24000000 /dev/urandom > out/large && cd out && sha256sum large > ../sum && mv ../sum large.sum
    artifacts: [{ name: out, paths: "out/**" }, { name: packed, paths: "out/**", archive: true }]
  use:
    needs: make
    runs-on: linux
    artifacts: [{ from: make, path: in }]
    steps: [{ run: "for i in out packed; do (cd in/$i/out && sha256sum -c large.sum); done" }]
`;

let folder: string;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
});

afterEach(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('kill -9 while artifacts are stored, and taken:', () => {
  test.each<{ when: string; isIt: (event: EventView) => boolean }>([
    { when: 'as the first is begun', isIt: (event) => isArtifact(event, 'out', 'collecting') },
    { when: 'as it is complete', isIt: (event) => isArtifact(event, 'out', 'complete') },
    { when: 'as an archive is begun', isIt: (event) => isArtifact(event, 'packed', 'collecting') },
    { when: 'as they are taken', isIt: isTaken },
  ])('$when', async ({ isIt }) => {
    controller = await startControllerProcess({ folder, configuration: CLOUDS });
    const { id } = await controller.api.submit(PIPELINE);
    await controller.api.event(isIt);
    await controller.kill();
    await controller.start();
    const build = await controller.api.finished(id);
    expect(build.jobs.map(({ reason }) => reason)).toEqual([null, null]);
    const files = FILES + 1;
    expect(build.jobs[0]?.artifacts).toMatchObject([
      { name: 'out', state: 'complete', files },
      { name: 'packed', state: 'complete', files },
    ]);
    const events = await controller.api.eventsUntil(
      ({ kind, data }) => kind === 'build' && data.state === 'finished',
    );
    expect(events.filter(({ kind, data }) => kind === 'artifact' && data.state === 'complete')).toHaveLength(
      2,
    );
    await controller.api.drained();
  });
});

optionalService('Swift', swiftMissing())('kill -9 while an artifact waits for its storage', () => {
  test('loses nothing: the node is still there, and gives its files to the next life of the controller', async () => {
    const swift = await startSwift();
    try {
      const { auth, container } = swift.swift;
      if (auth.kind !== 'tempauth') throw new Error('another login was asked for');
      const login = `{ kind: tempauth, url: "${auth.url}", user: "${auth.user}", key-env: SWIFT_KEY }`;
      const blobs = `blobs: { kind: swift, auth: ${login}, container: ${container} }`;
      const configuration = `${blobs}\ntimeouts: { artifacts: 3s }\n${CLOUDS}\n`;
      controller = await startControllerProcess({
        folder,
        configuration,
        env: { SWIFT_KEY: auth.key.value },
      });
      await swift.kill();
      const { id } = await controller.api.submit(`
jobs:
  make:
    runs-on: linux
    steps: [{ run: "echo hello > out" }]
    artifacts: [{ name: out, paths: out }]
`);
      await controller.api.event((event) => isArtifact(event, 'out', 'waiting'));
      await controller.kill();
      await swift.start();
      await controller.start();
      await controller.api.event((event) => isArtifact(event, 'out', 'complete'));
      await controller.api.drained();
      const build = await controller.api.finished(id);
      expect(build).toMatchObject({
        result: 'success',
        jobs: [{ artifacts: [{ state: 'complete', bytes: 6 }] }],
      });
    } finally {
      await swift.stop();
    }
  });
});

function isArtifact({ kind, data }: EventView, name: string, state: string): boolean {
  return kind === 'artifact' && data['name'] === name && data.state === state;
}

function isTaken({ kind, data }: EventView): boolean {
  return kind === 'step' && data.state === 'running' && String(data['name']).startsWith('take ');
}
