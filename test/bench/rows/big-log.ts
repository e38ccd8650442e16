import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BenchController } from '../controller/controller.ts';
import { oneStep, processCloud } from '../pipelines.ts';
import type { Bench, Measurement, Row } from '../row.ts';
import { alternate, timed } from '../sampling.ts';
import { spawned } from '../system/spawned.ts';
import { cpuMs, peakBytes, resetPeak } from '../system/usage.ts';

const LINES = 1_000_000;
const PRINT = `seq -f '%079.0f' ${LINES}`;
const MIB = 1024 * 1024;

export const bigLog = {
  number: 4,
  title: 'A large log',
  explanation: `A step that prints 1,000,000 lines of 80 bytes, on a ready node: wall time from just before \`POST /builds\` until \`build
finished\`, which comes when every byte is stored and synced; CPU time (user and system) of the controller's process alone; the most
memory that it held meanwhile. What is stored is compared with what the floor's file has, by SHA-256, once a run.`,
  peers: 'Buildbot 3.7: 8.1 s, and 6.9 s of CPU in its master. gitlab-ci-local 4.75: 12.8 s.',
  measure,
} satisfies Row;

async function measure({ quick, folder, startController }: Bench): Promise<Measurement[]> {
  await using controller = await startController(processCloud({ minReady: 1 }));
  const file = join(folder, 'lines');
  const cpu: number[] = [];
  const peak: number[] = [];
  const warmUp = 1;
  let step = '';
  const wall = await alternate(
    { warmUp, samples: quick ? 2 : 5 },
    {
      async subject() {
        await controller.ready(1);
        resetPeak(controller.pid);
        const before = cpuMs(controller.pid);
        const { id, ms } = await controller.run(oneStep('host', PRINT));
        cpu.push(cpuMs(controller.pid) - before);
        peak.push(peakBytes(controller.pid) / MIB);
        step = await controller.firstStep(id);
        return ms;
      },
      floor: () => timed(() => spawned('sh', ['-c', `${PRINT} > '${file}'`])),
    },
  );
  await compare(controller, step, file);
  await rm(file);
  const floor = { what: 'the same `seq` to a file', samples: wall.floor };
  return [
    {
      name: '1,000,000 lines of 80 bytes, all stored: wall time',
      unit: 'ms',
      subject: wall.subject,
      floor,
      target: { kind: 'below', value: 1000 },
    },
    {
      name: '… CPU time of the controller',
      unit: 'ms',
      subject: cpu.slice(warmUp),
      floor: null,
      target: { kind: 'below', value: 1000 },
    },
    {
      name: '… peak memory of the controller',
      unit: 'MiB',
      subject: peak.slice(warmUp),
      floor: null,
      target: { kind: 'below', value: 150 },
    },
  ];
}

/** @throws Error when the log is not what the step wrote. */
async function compare({ client }: BenchController, step: string, file: string): Promise<void> {
  const stored = await digest(await client.open(`/steps/${step}/log`));
  if (stored !== (await digest(createReadStream(file))))
    throw new Error('the log is not what the step wrote');
}

async function digest(content: Readable): Promise<string> {
  const hash: Hash = createHash('sha256');
  await pipeline(content, hash);
  return hash.digest('hex');
}
