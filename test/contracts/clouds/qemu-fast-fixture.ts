import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { vmImage } from '#test/vm-image';
import { vmStates } from '#test/vm-state';
import { openQemuFixture, type QemuFixture } from './qemu-fixture.ts';
import { localRuntime } from './local-runtime.ts';

/** What all suites with fast starts launch: so they share one saved state. */
export async function fastTemplate(): Promise<object> {
  return { image: await vmImage(), 'fast-start': true };
}

/** A cloud of virtual machines that start from the saved state that all suites share. */
export async function openFastFixture(settings: object = {}): Promise<QemuFixture> {
  const template = await fastTemplate();
  const states = await vmStates(template, localRuntime);
  const fixture = await openQemuFixture(template, settings);
  const own = join(fixture.context.folder, 'fast-start');
  await rm(own, { recursive: true });
  await symlink(states, own);
  return fixture;
}
