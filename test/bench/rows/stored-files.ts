import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { swiftMissing } from '#test/swift';
import type { BenchController } from '../controller/controller.ts';
import { processCloud } from '../pipelines.ts';
import type { Bench, Measurement, Result, Row } from '../row.ts';
import { alternate, timed } from '../sampling.ts';
import { collectedWithin } from '../storage/collected.ts';
import { writeFiles } from '../storage/materials.ts';
import { startStorage, type BenchStorage } from '../storage/storage.ts';
import { spawned } from '../system/spawned.ts';
import { cpuMs, peakBytes, resetPeak } from '../system/usage.ts';

const MIB = 1024 * 1024;
const WIDTH = 8;
const COPY = '`rclone copy`, 8 at a time';
const PATIENCE_MS = 900_000;

/** Jobs, each of which leaves so many files of its own, and of so many bytes. */
interface Load {
  name: string;
  jobs: number;
  files: number;
  bytes: number;
  archive: boolean;
}

/** The same, of all jobs, by hand. */
interface Floor {
  what: string;
  store(material: string): Promise<void>;
}

export const storedFiles = {
  number: 13,
  title: 'Files to the storage',
  explanation: `Jobs on ready nodes leave files that can't be compressed as artifacts, which the agents upload to an OpenStack Swift by its S3 API: from when the first begins to
store them until the last has, as the times of their steps tell. The floor is \`rclone copy\` of the same files to the same server, eight transfers at a
time, each looked at after it is stored, as Footman does too; for the archive, \`tar\` and \`zstd\` before it. CPU time (user and system) and the most memory
are those of the controller's process alone: no bytes of the files go through it.`,
  measure,
} satisfies Row;

async function measure({ quick, folder, startController }: Bench): Promise<Result[]> {
  const loads = loadsOf(quick);
  const skipped = swiftMissing();
  if (skipped !== undefined) return loads.map(({ name }) => ({ name, skipped }));
  await using storage = await startStorage();
  await using controller = await startController(processCloud({ minReady: WIDTH, maxNodes: WIDTH }), {
    ...storage.forController,
    sections: `${storage.forController.sections}limits: { artifact-files: 100000 }\n`,
  });
  const results: Result[] = [];
  for (const load of loads) {
    const material = join(folder, 'material');
    for (let job = 0; job < load.jobs; job++)
      await writeFiles(join(material, `${job}`), load.files, load.bytes);
    results.push(...(await measureLoad(controller, load, material, floorOf(load, storage), quick ? 1 : 2)));
    await rm(material, { recursive: true });
  }
  return results;
}

function loadsOf(quick: boolean): Load[] {
  const small = quick ? 2_000 : 10_000;
  const large = quick ? 256 : 1024;
  const each = { jobs: 1, files: 1, archive: false };
  return [
    { ...each, name: `${large} MiB in one file`, bytes: large * MIB },
    {
      ...each,
      name: `${small.toLocaleString('en')} files of 1 KiB, each an object`,
      files: small,
      bytes: 1024,
    },
    {
      ...each,
      name: `${small.toLocaleString('en')} files of 1 KiB in one archive`,
      files: small,
      bytes: 1024,
      archive: true,
    },
    { ...each, name: `${WIDTH} jobs at once, 64 MiB each`, jobs: WIDTH, bytes: 64 * MIB },
  ];
}

async function measureLoad(
  controller: BenchController,
  load: Load,
  material: string,
  floor: Floor,
  samples: number,
): Promise<Measurement[]> {
  const { name, jobs, files } = load;
  const { pid, client } = controller;
  const cpu: number[] = [];
  const peak: number[] = [];
  const wall = await alternate(
    { warmUp: 0, samples },
    {
      async subject() {
        await controller.ready(WIDTH);
        resetPeak(pid);
        const before = cpuMs(pid);
        const { id } = await controller.run(pipelineOf(load, material), PATIENCE_MS);
        cpu.push(cpuMs(pid) - before);
        peak.push(peakBytes(pid) / MIB);
        return collectedWithin(client, id, jobs * files);
      },
      floor: () => timed(() => floor.store(material)),
    },
  );
  return [
    {
      name: `${name}: stored`,
      unit: 'ms',
      subject: wall.subject,
      floor: { what: floor.what, samples: wall.floor },
      target: { kind: 'ratio-below', value: 1.5 },
    },
    { name: '… CPU time of the controller', unit: 'ms', subject: cpu, floor: null, target: null },
    { name: '… peak memory of the controller', unit: 'MiB', subject: peak, floor: null, target: null },
  ];
}

function pipelineOf({ jobs, archive }: Load, material: string): string {
  const matrix = `{ n: [${Array.from({ length: jobs }, (_, index) => index).join(', ')}] }`;
  const artifacts = `[{ name: files, paths: out/**, archive: ${archive} }]`;
  const steps = `[{ run: "cp -rl '${material}/\${{ matrix.n }}' out" }]`;
  return `jobs: { job: { runs-on: host, matrix: ${matrix}, steps: ${steps}, artifacts: ${artifacts} } }\n`;
}

function floorOf({ archive }: Load, storage: BenchStorage): Floor {
  if (!archive) return { what: COPY, store: (material) => storage.copy(material) };
  return {
    what: '`tar`, `zstd`, `rclone copy`',
    async store(material) {
      const packed = `${material}-packed`;
      const tar = `tar -C '${material}' -c . | zstd -q -T0 -o '${packed}/archive.tar.zst'`;
      await spawned('sh', ['-c', `mkdir '${packed}' && ${tar}`]);
      await storage.copy(packed);
      await rm(packed, { recursive: true });
    },
  };
}
