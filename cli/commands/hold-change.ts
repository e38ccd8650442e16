import type { Hold } from '#controller/api';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { accessLines, holdingOf, untilText, type HoldingOptions } from '../holds/index.ts';
import { startBuild } from '../run/index.ts';

export async function extendHold(
  context: Context,
  id: string,
  { for: time }: { for: string },
): Promise<number> {
  const hold = await withClient(context, ({ holds }) => holds.extend(id, time));
  await report(context, hold, `is held ${untilText(hold, Date.now())}`);
  return 0;
}

export async function releaseHold(context: Context, id: string): Promise<number> {
  const hold = await withClient(context, ({ holds }) => holds.release(id));
  await report(context, hold, `is released; node ${hold.node.id} goes`);
  return 0;
}

/** Has the machine captured; the hold ends when that is done. */
export async function snapshotHold(context: Context, id: string): Promise<number> {
  const hold = await withClient(context, ({ holds }) => holds.snapshot(id));
  const version = hold.snapshot?.version ?? 'an image';
  await report(context, hold, `is being captured as ${version}; it is released when that is done`);
  return 0;
}

interface ResumeOptions extends HoldingOptions {
  follow?: boolean;
}

/** Starts a captured machine again: a build of its own, whose node is held. */
export async function resumeHold(
  context: Context,
  id: string,
  { follow = false, ...options }: ResumeOptions,
): Promise<number> {
  const holding = await holdingOf(options);
  return startBuild(context, {
    start: ({ holds }) => holds.resume(id, holding),
    follow,
    sentence: ({ number }) =>
      `build ${number} starts the machine of hold ${id} again; footman hold ls shows it then`,
  });
}

async function report(context: Context, hold: Hold, what: string): Promise<void> {
  if (context.options.json === true) return printJson(context, hold);
  const lines = [`hold ${hold.id} ${what}`, ...accessLines(hold)];
  await context.out.write(lines.map((line) => `${line}\n`).join(''));
}
