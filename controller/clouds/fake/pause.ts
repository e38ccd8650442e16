import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '#controller/files';
import { replaceFile } from '#controller/files';
import { FakeCall, FakeEdge } from './script.ts';
import { watchUntil } from './watch-until.ts';
import type { FakeWorld } from './world.ts';

/** A call that waits at one of its edges for a test to let it go on. */
export const FakePause = z.object({
  call: FakeCall,
  edge: FakeEdge,
  /** Null for listings, resets, and what is of an image alone. */
  node: z.string().nullable(),
  /** The static host of a launch that has one, or of a reset. */
  host: z.string().optional(),
  /** The captured image that the call is about, or launches from. */
  image: z.string().optional(),
  /** Process of the controller; a marker that outlived it counts for nothing. */
  pid: z.int(),
});
export type FakePause = z.infer<typeof FakePause>;

/** Marks the pause and waits: the call's side. */
export async function pause(at: FakePause, { paths }: FakeWorld, signal: AbortSignal): Promise<void> {
  const marker = join(paths.paused, nameOf(at));
  const goOn = join(paths.continue, nameOf(at));
  await rm(goOn, { force: true });
  await replaceFile(marker, JSON.stringify(at));
  try {
    await watchUntil(paths.continue, () => existsSync(goOn) || undefined, signal);
  } finally {
    await rm(marker, { force: true });
  }
}

/** Waits for a living controller's pause of this kind: the test's side. */
export function awaitPause(
  wanted: Partial<FakePause>,
  { paths }: FakeWorld,
  signal: AbortSignal,
): Promise<FakePause> {
  return watchUntil(paths.paused, () => readPauses(paths.paused).find((at) => matches(at, wanted)), signal);
}

/** Lets the paused call go on: the test's side. */
export async function endPause(at: FakePause, { paths }: FakeWorld): Promise<void> {
  await writeFile(join(paths.continue, nameOf(at)), '');
}

function nameOf({ call, edge, node, host, image }: FakePause): string {
  return `${call}-${edge}-${encodeURIComponent(node ?? host ?? image ?? 'all')}.json`;
}

function readPauses(folder: string): FakePause[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readPause(join(folder, name)))
    .filter((at) => at !== undefined)
    .filter(({ pid }) => existsSync(`/proc/${pid}`));
}

function readPause(marker: string): FakePause | undefined {
  try {
    return FakePause.parse(JSON.parse(readFileSync(marker, 'utf8')));
  } catch (error) {
    // It went on between two looks.
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function matches(at: FakePause, wanted: Partial<FakePause>): boolean {
  return (
    (wanted.call ?? at.call) === at.call &&
    (wanted.edge ?? at.edge) === at.edge &&
    (wanted.pid ?? at.pid) === at.pid &&
    (wanted.node === undefined || wanted.node === at.node) &&
    (wanted.host === undefined || wanted.host === at.host) &&
    (wanted.image === undefined || wanted.image === at.image)
  );
}
