import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createPlace } from '#test/footman';
import { optionalService } from '#test/optional';
import { vmImage, vmMissing } from '#test/vm-image';

const EXAMPLE = join(import.meta.dirname, '../../examples/vm');
const IMAGE = '/var/lib/footman/images/debian.qcow2';
const LIMIT_MS = 300_000;

optionalService('QEMU', vmMissing())('the example with virtual machines', () => {
  let image: string;
  beforeAll(async () => {
    image = await vmImage();
  }, LIMIT_MS);

  test(
    'does what it says: a job in a machine of its own, which restarts in the middle',
    async () => {
      const configuration = await readFile(join(EXAMPLE, 'footman.yaml'), 'utf8');
      expect(configuration).toContain(IMAGE);
      // Nothing starts a second time here, so nothing is prepared for it.
      const changed = configuration.replace(IMAGE, image).replace('fast-start: true', 'fast-start: false');
      await using place = await createPlace(`data: data\n${changed}`);
      const { exit, out } = await place.run('run', join(EXAMPLE, 'pipeline.yaml'));
      expect(out).toContain('[kernel] panic is 10\n');
      expect(out).toContain('[kernel] another boot\n');
      expect(exit).toBe(0);
    },
    LIMIT_MS,
  );
});
