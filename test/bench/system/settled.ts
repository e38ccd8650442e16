import { setTimeout as delay } from 'node:timers/promises';
import { rssBytes } from './usage.ts';

const INTERVAL_MS = 1_000;
const STEADY_TIMES = 4;
const STEADY_SHARE = 0.005;

/** Waits until the process's memory stays as it is, for at most `mostMs`; returns it in bytes. */
export async function settledRss(pid: number, mostMs = 30_000): Promise<number> {
  let last = rssBytes(pid);
  let steady = 0;
  for (let waited = 0; waited < mostMs && steady < STEADY_TIMES; waited += INTERVAL_MS) {
    await delay(INTERVAL_MS);
    const now = rssBytes(pid);
    steady = Math.abs(now - last) <= last * STEADY_SHARE ? steady + 1 : 0;
    last = now;
  }
  return last;
}
