import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createPlace } from '#test/footman';
import { optionalService } from '#test/optional';
import { vmImage, vmMissing } from '#test/vm-image';
import { PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';

const EXAMPLE = join(import.meta.dirname, '../../examples/vm');
const IMAGE = '/var/lib/footman/images/debian.qcow2';
const LIMIT_MS = 300_000;

optionalService('QEMU', vmMissing())('the example with virtual machines', () => {
  beforeAll(vmStates, PREPARATION_LIMIT_MS);

  test(
    'does what it says: a job in a machine of its own, which restarts in the middle',
    async () => {
      const configuration = await readFile(join(EXAMPLE, 'footman.yaml'), 'utf8');
      expect(configuration).toContain(IMAGE);
      const changed = configuration.replace(IMAGE, await vmImage());
      await using place = await createPlace(`data: data\n${changed}`);
      // The state that a second run of the example would find.
      const clouds = join(place.data, 'clouds', 'vms');
      await mkdir(clouds, { recursive: true });
      await symlink(await vmStates(), join(clouds, 'fast-start'));
      const { exit, out } = await place.run('run', join(EXAMPLE, 'pipeline.yaml'));
      expect(out).toContain('[kernel] panic is 10\n');
      expect(out).toContain('[kernel] another boot\n');
      expect(exit).toBe(0);
    },
    LIMIT_MS,
  );
});
