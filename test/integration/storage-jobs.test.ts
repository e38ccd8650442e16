import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Build, FsckLine, TestRunList } from '#controller/api';
import { openBlobs, type Blobs, type BlobSettings } from '#controller/blobs';
import { blobsSection } from '#test/blobs-section';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { createPlace, type Place } from '#test/footman';
import { optionalService } from '#test/optional';
import { numberedLines, stepNamed } from '#test/pipelines';
import { startSwift, swiftMissing } from '#test/swift';

/** One story over each storage: what jobs leave is stored, taken by another job, downloaded, counted, read from the storage, and removed. */

const run = promisify(execFile);
const never = new AbortController().signal;
const LINES = 5_000;
const PIPELINE = `
name: story
jobs:
  make:
    runs-on: linux
    steps:
      - name: make
        run: |
          mkdir -p out/deep && echo hello > out/deep/a && head -c 20000000 /dev/urandom > out/large && : > out/empty
          ln -s deep/a out/link && printf '#!/bin/sh\\necho runs' > out/tool && chmod 755 out/tool
          cd out && sha256sum large > large.sum && cd ..
          cat > report.xml <<END
          <testsuite name="s"><testcase classname="C" name="a"/><testcase classname="C" name="b"><skipped/></testcase></testsuite>
          END
      - { name: talk, run: "for i in $(seq ${LINES}); do echo line $i; done" }
    artifacts:
      - { name: plain, paths: "out/**" }
      - { name: packed, paths: "out/**", archive: true }
    reports: { junit: report.xml }
  use:
    needs: make
    runs-on: linux
    artifacts: [{ from: make, path: in }]
    steps:
      - name: look
        run: |
          for i in plain packed; do
            (cd in/$i/out && sha256sum --quiet -c large.sum && cat link && ./tool && readlink link && stat -c %a tool)
          done
`;
/** Another build of the same line. */
const NEXT = `
name: story
jobs:
  make:
    runs-on: linux
    steps: [{ run: "mkdir out && echo hello > out/a" }]
    artifacts: [{ name: plain, paths: "out/**" }]
`;

describeStorage('files', async (folder) => ({
  settings: { kind: 'fs', folder: join(folder, 'objects') },
  stop: () => Promise.resolve(),
}));
optionalService('Swift', swiftMissing())('in a storage elsewhere', () => {
  describeStorage('S3', async () => startSwift().then(({ s3, stop }) => ({ settings: s3, stop })));
  describeStorage('Swift', async () => startSwift().then(({ swift, stop }) => ({ settings: swift, stop })));
});

interface Storage {
  settings: BlobSettings;
  stop(): Promise<void>;
}

function describeStorage(name: string, start: (folder: string) => Promise<Storage>): void {
  describe(`what jobs leave in ${name}`, () => {
    let folder: string;
    let storage: Storage;
    /** As others see the storage. */
    let blobs: Blobs;
    let controller: ControllerProcess;
    let place: Place;
    let build: Build;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'footman-story-'));
      storage = await start(folder);
      blobs = await openBlobs(storage.settings, { secret: 'for no request' });
      const { yaml, env } = blobsSection(storage.settings);
      const configuration = `
${yaml}
logs: { archive-after: 0s }
retention: { at-most: 1, at-least: 0, interval: 1s }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`;
      controller = await startControllerProcess({ folder, configuration, env });
      place = await createPlace();
      const token = (await readFile(join(controller.data, 'admin.token'), 'utf8')).trim();
      Object.assign(place.env, { FOOTMAN_URL: controller.url, FOOTMAN_TOKEN: token });
      build = await built(PIPELINE);
    });

    afterAll(async () => {
      await place[Symbol.asyncDispose]();
      await controller.stop();
      await storage.stop();
      await rm(folder, { recursive: true, force: true });
    });

    test('another job has as it was: contents, links and permissions', async () => {
      const seen = 'hello\nruns\ndeep/a\n755\n';
      expect(await controller.api.log(stepNamed(build, 'look').id)).toBe(seen + seen);
      expect(build.jobs[0]?.artifacts).toMatchObject([
        { name: 'plain', state: 'complete', files: 6 },
        { name: 'packed', state: 'complete', files: 6 },
      ]);
    });

    test.each(['plain', 'packed'])('is downloaded and checked: %s', async (artifact) => {
      const into = join(place.folder, artifact);
      const got = await place.run('artifacts', 'get', String(build.number), 'make', artifact, '--to', into);
      expect(got).toMatchObject({ exit: 0, err: '' });
      const id = build.jobs[0]?.artifacts.find(({ name }) => name === artifact)?.id ?? '';
      const authorization = `Bearer ${place.env['FOOTMAN_TOKEN']}`;
      const sums = await fetch(`${controller.url}/api/v1/artifacts/${id}/SHA256SUMS`, {
        headers: { authorization },
      });
      await writeFile(join(into, 'SHA256SUMS'), await sums.text());
      const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: into });
      expect(stdout.match(/: OK$/gm)).toHaveLength(5);
      expect((await stat(join(into, 'out/tool'))).mode & 0o777).toBe(0o755);
      expect(await readlink(join(into, 'out/link'))).toBe('deep/a');
    });

    test('counts the tests of its reports', async () => {
      const { tests } = await controller.api.get<TestRunList>(`/builds/${build.id}/tests`);
      expect(tests.map(({ name, result }) => `${name} ${result}`)).toEqual(['a passed', 'b skipped']);
    });

    test('has its logs leave the disk, and read as before', async () => {
      while ((await readdir(join(controller.data, 'logs'), { recursive: true })).some(isLog))
        await setImmediate();
      expect(await keys('logs/')).not.toEqual([]);
      const { id } = stepNamed(build, 'talk');
      expect(await controller.api.log(id)).toBe(numberedLines(LINES));
      const found = await place.run('logs', `${build.number}/make`, '--grep', `line ${LINES}`);
      expect(found.out).toContain(`line ${LINES}\n`);
    });

    test('goes with its build, and nothing else does', async () => {
      await controller.api.drained();
      const next = await built(NEXT);
      await controller.api.drained();
      while (await isThere(build.id)) await setImmediate();
      const old = [...build.jobs.flatMap(({ artifacts }) => artifacts.map(({ id }) => id)), build.id];
      const isOld = (key: string): boolean => old.some((id) => key.includes(id));
      while ((await keys('')).some(isOld)) await setImmediate();
      while ((await readdir(join(controller.data, 'logs'), { recursive: true })).some(isLog))
        await setImmediate();
      expect(next.jobs[0]?.artifacts).toMatchObject([{ state: 'complete', files: 1 }]);
      const lines = await controller.api.lines<FsckLine>('/fsck?digests=true');
      expect(lines.at(-1)).toMatchObject({ kind: 'summary', damaged: 0, orphans: 0 });
      expect(await Array.fromAsync(blobs.uploads.list('', never))).toEqual([]);
    });

    async function built(pipeline: string): Promise<Build> {
      const { id } = await controller.api.submit(pipeline);
      const finished = (await controller.api.finished(id)) as unknown as Build;
      expect(finished).toMatchObject({ result: 'success' });
      return finished;
    }

    async function isThere(id: string): Promise<boolean> {
      return controller.api.build(id).then(
        () => true,
        () => false,
      );
    }

    /** Of all objects, as the storage itself lists them. */
    async function keys(prefix: string): Promise<string[]> {
      return (await Array.fromAsync(blobs.list(prefix, never))).map(({ key }) => key);
    }
  });
}

function isLog(name: string): boolean {
  return name.endsWith('.log');
}
