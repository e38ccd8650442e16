import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fastTemplate, vmStates } from '#test/vm-state';
import { openQemuFixture, type QemuFixture } from './qemu-fixture.ts';

/** A cloud of virtual machines that start from the state that all suites share. */
export async function openFastFixture(): Promise<QemuFixture> {
  const fixture = await openQemuFixture(await fastTemplate());
  const own = join(fixture.context.folder, 'fast-start');
  await rm(own, { recursive: true });
  await symlink(await vmStates(), own);
  return fixture;
}

export { fastTemplate, PREPARATION_LIMIT_MS, vmStates as sharedStates } from '#test/vm-state';
