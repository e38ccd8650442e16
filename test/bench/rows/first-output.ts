import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { BenchController } from '../controller/controller.ts';
import { oneStep, processCloud } from '../pipelines.ts';
import type { Bench, Measurement, Row } from '../row.ts';
import { alternate } from '../sampling.ts';

/** The pauses let the reader be there before the first output, and the step be running when it is seen. */
const SCRIPT = 'sleep 0.4; date +%s%N; sleep 0.2';
const NS_PER_MS = 1e6;

export const firstOutput = {
  number: 5,
  title: 'Live output',
  explanation: `A step prints the time (\`date +%s%N\`), and a client that follows its log over HTTP looks at the same clock when that
line arrives. The floor reads the same script's output from a pipe.`,
  peers: 'Buildbot 3.7: 5.0 s.',
  measure,
} satisfies Row;

async function measure({ quick, startController }: Bench): Promise<Measurement[]> {
  await using controller = await startController(processCloud({ minReady: 1 }));
  const { subject, floor } = await alternate(
    { warmUp: 2, samples: quick ? 3 : 15 },
    { subject: () => throughFootman(controller), floor: throughPipe },
  );
  return [
    {
      name: 'first output, written → seen by a live reader',
      unit: 'ms',
      subject,
      floor: { what: 'the same through a pipe', samples: floor },
      target: { kind: 'below', value: 50 },
    },
  ];
}

async function throughFootman(controller: BenchController): Promise<number> {
  await controller.ready(1);
  const { id } = await controller.submit(oneStep('host', SCRIPT));
  const log = await controller.client.open(`/steps/${await controller.firstStep(id)}/log?follow=true`);
  const delay = await delayOfFirstLine(log);
  await controller.finished(id);
  return delay;
}

async function throughPipe(): Promise<number> {
  const child = spawn('sh', ['-c', SCRIPT], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [delay] = await Promise.all([delayOfFirstLine(child.stdout), once(child, 'exit')]);
  return delay;
}

/** From the time that the first line tells until it was here, in milliseconds. */
async function delayOfFirstLine(output: Readable): Promise<number> {
  const [line] = (await once(output, 'data')) as [Buffer];
  const seen = Temporal.Now.instant().epochNanoseconds;
  output.resume();
  return Number(seen - BigInt(line.toString().trim())) / NS_PER_MS;
}
