import { messageOf } from '#shared/errors';
import {
  SCRIPT_CHECK,
  checkName,
  type AgentMessageOf,
  type CheckResult,
  type CheckStart,
} from '#shared/protocol';
import { formatDuration } from '#shared/quantity';
import { monotonicMs } from '../monotonic.ts';
import { availableMemory, freeBytes, type Folders, type Libc } from '../system/index.ts';
import { abortable } from '#shared/abortable';
import { createOutputTail } from './output-tail.ts';
import { reach } from './reach.ts';
import { resolveName } from './resolve-name.ts';
import { runScript } from './run-script.ts';

/** What `check.finished` says beside the id and the time. */
export type Findings = Omit<AgentMessageOf<'check.finished'>, 'type' | 'check' | 'at'>;

export interface NodeToCheck {
  folders: Folders;
  libc: Libc;
}

/** The longest time that a timer can have, in milliseconds: nearly 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MAX_MESSAGE_LENGTH = 4096;

/** Looks at everything at the same time, and tells all of it. Never rejects: what went wrong is a result. */
export async function checkNode(
  { dns, reach: places, script, timeoutMs }: CheckStart,
  { folders, libc }: NodeToCheck,
  stop: AbortSignal,
): Promise<Findings> {
  const late = new Error(`it did not end within ${formatDuration(timeoutMs)}`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late), Math.min(timeoutMs, MAX_TIMER_MS));
  const signal = AbortSignal.any([stop, deadline.signal]);
  const output = createOutputTail();
  const looks = [
    ...dns.map((name) => timed(checkName('dns', name), () => abortable(resolveName(name), signal))),
    ...places.map((place) => timed(checkName('reach', place), () => abortable(reach(place, signal), signal))),
  ];
  if (script !== null)
    looks.push(timed(SCRIPT_CHECK, () => runScript(script, { folders, libc, output, signal })));
  const results = await Promise.all(looks);
  clearTimeout(timer);
  return {
    diskFreeBytes: freeBytes(folders.workspace),
    memoryAvailableBytes: availableMemory(),
    results,
    output: output.text(),
  };
}

async function timed(name: string, look: () => Promise<void>): Promise<CheckResult> {
  const began = monotonicMs();
  const problem = await look().then(
    () => undefined,
    (error: unknown) => messageOf(error).slice(0, MAX_MESSAGE_LENGTH),
  );
  const ms = Math.round(monotonicMs() - began);
  return problem === undefined ? { name, ok: true, ms } : { name, ok: false, message: problem, ms };
}
