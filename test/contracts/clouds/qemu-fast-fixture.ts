import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { vmImage } from '#test/vm-image';
import { vmStates } from '#test/vm-state';
import { localRuntime } from './local-runtime.ts';
import { openQemuFixture, type QemuFixture } from './qemu-fixture.ts';

/** For a run that has to make the image and the state first. */
export const PREPARATION_LIMIT_MS = 400_000;

/** What all suites with fast starts launch: so they share one saved state. */
export async function fastTemplate(): Promise<object> {
  return { image: await vmImage(), 'fast-start': true };
}

/** The folder with that state, which is made unless it is there. */
export async function sharedStates(): Promise<string> {
  return vmStates(await fastTemplate(), localRuntime);
}

/** A cloud of virtual machines that start from the state that all suites share. */
export async function openFastFixture(): Promise<QemuFixture> {
  const fixture = await openQemuFixture(await fastTemplate());
  const own = join(fixture.context.folder, 'fast-start');
  await rm(own, { recursive: true });
  await symlink(await sharedStates(), own);
  return fixture;
}
