import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { oneStep, processCloud } from '../pipelines.ts';
import type { Bench, Measurement, Row } from '../row.ts';
import { settledRss } from '../system/settled.ts';
import { fineCpuMs, rssBytes } from '../system/usage.ts';

const MIB = 1024 * 1024;
const WINDOWS = 3;

export const idle = {
  number: 6,
  title: 'An idle controller',
  explanation: `A controller with a process cloud and no pool that has run a few builds and has nothing to do: its memory, and the CPU time that
all of its threads use in 20 seconds (20 ms of 20 s are 0.1 %, and count as not measurable). The floor is a bare Node.js that listens on a port.`,
  peers: 'Buildbot 3.7: 101 MiB.',
  measure,
} satisfies Row;

async function measure({ quick, startController }: Bench): Promise<Measurement[]> {
  await using controller = await startController(processCloud());
  for (let run = 0; run < 5; run++) await controller.run(oneStep('host', 'true'));
  await controller.ready(0);
  controller.feed.close();
  controller.client.close();
  await using bare = await startBareNode();
  await settledRss(controller.pid);

  const subject = { cpu: [] as number[], rss: [] as number[] };
  const floor = { cpu: [] as number[], rss: [] as number[] };
  for (let window = 0; window < (quick ? 1 : WINDOWS); window++) {
    const before = [fineCpuMs(controller.pid), fineCpuMs(bare.pid)] as const;
    await delay(quick ? 5_000 : 20_000);
    subject.cpu.push(fineCpuMs(controller.pid) - before[0]);
    floor.cpu.push(fineCpuMs(bare.pid) - before[1]);
    subject.rss.push(rssBytes(controller.pid) / MIB);
    floor.rss.push(rssBytes(bare.pid) / MIB);
  }
  return [
    {
      name: 'idle: memory of the controller',
      unit: 'MiB',
      subject: subject.rss,
      floor: { what: 'bare Node.js', samples: floor.rss },
      target: { kind: 'below', value: 100 },
    },
    {
      name: 'idle: CPU time in 20 s',
      unit: 'ms',
      subject: subject.cpu,
      floor: { what: 'bare Node.js', samples: floor.cpu },
      target: { kind: 'below', value: 20 },
    },
  ];
}

async function startBareNode(): Promise<AsyncDisposable & { pid: number }> {
  const script = "require('node:http').createServer().listen(0, '127.0.0.1')";
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}
