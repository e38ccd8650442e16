import { once } from 'node:events';
import { constants } from 'node:os';
import type { ProcessEnd } from '../steps/index.ts';
import { signalGroup } from '../system/index.ts';
import type { Channel } from './channel.ts';
import type { Launched } from './launch.ts';
import { settled } from './settled.ts';
import type { Use } from './use.ts';

/** Between SIGHUP, when a channel is cut, and SIGKILL. */
const HANG_UP_MS = 5_000;

/**
 * Joins the process with its channel, until both the process and what it printed have come to an end. `children` has it as long as
 * Node.js waits for its exit status.
 *
 * @throws Error that tells why the process could not be started
 */
export async function runProgram(launched: Launched, channel: Channel, children: Set<number>): Promise<Use> {
  const { child, input, output, errors } = launched;
  const group = child.pid;
  if (group === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    launched.hangUp();
    throw new Error(`${child.spawnfile} could not be started: ${error.message}`, { cause: error });
  }
  children.add(group);
  // A process that reads no more says so when it is written to.
  input.on('error', () => undefined);
  // What still comes for it goes nowhere: the other side need not wait for ever.
  input.on('unpipe', () => channel.stream.resume());
  channel.stream.pipe(input);
  output.on('error', () => undefined).pipe(channel.stream, { end: false });
  errors?.on('error', () => undefined).pipe(channel.stderr, { end: false });
  if (channel.cut.aborted) hangUp();
  else channel.cut.addEventListener('abort', hangUp);
  return { ended: end(group), resize: launched.resize, signal };

  async function end(pid: number): Promise<ProcessEnd> {
    const [exit, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    children.delete(pid);
    const outputs = errors === null ? [output] : [output, errors];
    await settled(outputs, () => channel.stream.writableNeedDrain || channel.stderr.writableNeedDrain);
    channel.cut.removeEventListener('abort', hangUp);
    launched.hangUp();
    return { exit, signal: by };
  }

  /** As a terminal does that is gone; a group that ignores it is killed. */
  function hangUp(): void {
    if (group === undefined) return;
    signalGroup(group, 'SIGHUP');
    launched.hangUp();
    setTimeout(() => signalGroup(group, 'SIGKILL'), HANG_UP_MS);
  }

  function signal(name: string): void {
    const full = `SIG${name}`;
    if (isSignal(full) && group !== undefined) signalGroup(launched.foreground() ?? group, full);
  }
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}
