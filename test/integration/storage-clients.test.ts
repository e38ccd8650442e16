import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobsSection } from '#test/blobs-section';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { numberedLines, stepNamed } from '#test/pipelines';
import { storageClients, storageClientsMissing, type StorageClients } from '#test/storage-clients';
import { startSwift, swiftMissing, type SwiftContainer, type SwiftServer } from '#test/swift';

/** What a job left is read by programs that know nothing of Footman. */

const execute = promisify(execFile);
const LINES = 50_000;
/** More than one part. */
const LARGE = 'footman\n'.repeat(2_500_000);
const FILES: Readonly<Record<string, { content: string; mode: number }>> = {
  'out/deep/a file of ümlauts.txt': { content: 'hello\n', mode: 0o644 },
  'out/empty': { content: '', mode: 0o644 },
  'out/large': { content: LARGE, mode: 0o644 },
  'out/run': { content: '#!/bin/sh\n', mode: 0o755 },
};
const PIPELINE = `
jobs:
  make:
    runs-on: linux
    steps:
      - run: |
          umask 022
          mkdir -p out/deep
          echo hello > 'out/deep/a file of ümlauts.txt'
          : > out/empty
          yes footman | head -c ${LARGE.length} > out/large
          echo '#!/bin/sh' > out/run && chmod 755 out/run
          ln -s deep out/link
      - { name: talk, run: "for i in $(seq ${LINES}); do echo line $i; done" }
    artifacts:
      - { name: plain, paths: "out/**" }
      - { name: packed, paths: "out/**", archive: true }
`;

/** As far as tests look at it. */
interface Manifest {
  name: string;
  archive: { object: string } | null;
  files: { path: string; bytes: number; sha256: string; mode: number; link?: string; object?: string }[];
}

optionalService('Swift', swiftMissing() ?? storageClientsMissing())('clients of a storage', () => {
  let swift: SwiftServer;

  beforeAll(async () => {
    swift = await startSwift();
  });

  afterAll(() => swift.stop());

  describe.each(['s3', 'swift'] as const)('to which Footman spoke %s', (language) => {
    let place: string;
    let container: SwiftContainer;
    let controller: EmbeddedController;
    let build: BuildView;
    let clients: StorageClients;

    beforeAll(async () => {
      place = await mkdtemp(join(tmpdir(), 'footman-clients-'));
      container = await swift.newContainer();
      clients = storageClients(container, place);
      const { yaml, env } = blobsSection(container[language]);
      const clouds = 'clouds: { local: { kind: process, templates: { host: { labels: linux } } } }';
      controller = await startEmbeddedController(`${yaml}\nlogs: { archive-after: 0s }\n${clouds}\n`, env);
      const { id } = await controller.api.submit(PIPELINE);
      build = await controller.api.finished(id);
      expect(build).toMatchObject({ result: 'success', jobs: [{ artifacts: [{ state: 'complete' }, {}] }] });
    });

    afterAll(async () => {
      await controller.dispose();
      await rm(place, { recursive: true, force: true });
    });

    test.each(['s3', 'swift'])('rclone copies an artifact by %s, and its sums are right', async (remote) => {
      const folder = await newFolder();
      await clients.rclone('copy', `${remote}:${container.s3.bucket}/artifacts/${idOf('plain')}`, folder);
      expect(await checked(folder)).toHaveLength(5);
      await expectFiles(folder);
    });

    test('s3cmd gets an artifact, and the manifest says what its objects were', async () => {
      const folder = await newFolder();
      await clients.s3cmd(
        'get',
        '--recursive',
        `s3://${container.s3.bucket}/artifacts/${idOf('plain')}/`,
        folder,
      );
      expect(await checked(folder)).toHaveLength(5);
      await expectFiles(folder);
    });

    test("OpenStack's own client does so, too", async () => {
      const folder = await newFolder();
      const prefix = `artifacts/${idOf('plain')}/`;
      const options = ['--prefix', prefix, '--remove-prefix', '--output-dir', folder];
      await clients.swift('download', container.swift.container, ...options);
      expect(await checked(folder)).toHaveLength(5);
    });

    test('zstd and tar unpack an archive: contents, permissions and links', async () => {
      const folder = await newFolder();
      await clients.rclone('copy', `s3:${container.s3.bucket}/artifacts/${idOf('packed')}`, folder);
      expect(await checked(folder)).toEqual(['archive.tar.zst', 'manifest.json']);
      const { archive } = await manifestIn(folder);
      await shell(`zstd --quiet --test ${archive?.object} && zstd -dc ${archive?.object} | tar x`, folder);
      expect(await readdir(join(folder, 'out'))).toEqual(['deep', 'empty', 'large', 'link', 'run']);
      for (const [path, { content, mode }] of Object.entries(FILES)) {
        expect(sha256(await readFile(join(folder, path))), path).toBe(sha256(content));
        expect((await stat(join(folder, path))).mode & 0o777, path).toBe(mode);
      }
      expect(await readlink(join(folder, 'out/link'))).toBe('deep');
    });

    test('zstd reads a log as the step wrote it', async () => {
      const [job] = build.jobs;
      const step = stepNamed(build, 'talk');
      const key = `logs/${build.id}/${job?.id}/${step.id}.log.zst`;
      const folder = await newFolder();
      // It goes there after its job, and nobody tells when it is there.
      while ((await readdir(folder)).length === 0) {
        await clients.rclone('copy', `swift:${container.s3.bucket}/${key}`, folder).catch(() => undefined);
      }
      await shell(`zstd --quiet --decompress ${step.id}.log.zst`, folder);
      const log = await readFile(join(folder, `${step.id}.log`), 'utf8');
      expect(log).toBe(numberedLines(LINES));
    });

    function idOf(name: string): string {
      return build.jobs[0]?.artifacts.find((artifact) => artifact.name === name)?.id ?? '';
    }

    function newFolder(): Promise<string> {
      return mkdtemp(join(place, 'copy-'));
    }
  });
});

/** The objects that `sha256sum -c` found to be right, which must be all that there are. */
async function checked(folder: string): Promise<string[]> {
  const { stdout } = await execute('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: folder });
  const names = [...stdout.matchAll(/^(.*): OK$/gm)].map(([, name = '']) => name);
  expect([...names, 'SHA256SUMS'].sort()).toEqual((await readdir(folder)).sort());
  return names;
}

async function manifestIn(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
}

/** Those of the job, by what the manifest says of them. */
async function expectFiles(folder: string): Promise<void> {
  const { files } = await manifestIn(folder);
  const [links, regular] = [
    files.filter(({ link }) => link !== undefined),
    files.filter(({ object }) => object),
  ];
  expect(links).toMatchObject([{ path: 'out/link', link: 'deep' }]);
  expect(regular.map(({ path }) => path)).toEqual(Object.keys(FILES).sort());
  for (const { path, bytes, mode, object = '' } of regular) {
    const content = await readFile(join(folder, object));
    expect({ bytes, mode, sha256: sha256(content) }, path).toEqual({
      bytes: Buffer.byteLength(FILES[path]?.content ?? ''),
      mode: FILES[path]?.mode,
      sha256: sha256(FILES[path]?.content ?? ''),
    });
  }
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

async function shell(script: string, cwd: string): Promise<void> {
  await execute('bash', ['-e', '-o', 'pipefail', '-c', script], { cwd });
}
