import { beforeAll } from 'vitest';
import { optionalService } from '#test/optional';
import { vmMissing } from '#test/vm-image';
import { openFastFixture } from './qemu-fast-fixture.ts';
import { PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';
import { cloudContract } from './suite.ts';

optionalService('QEMU', vmMissing())('virtual machines that start from a saved state', () => {
  beforeAll(vmStates, PREPARATION_LIMIT_MS);

  cloudContract('qemu', openFastFixture);
});
