import { beforeAll } from 'vitest';
import { optionalService } from '#test/optional';
import { vmMissing } from '#test/vm-image';
import { openFastFixture, PREPARATION_LIMIT_MS, sharedStates } from './qemu-fast-fixture.ts';
import { cloudContract } from './suite.ts';

optionalService('QEMU', vmMissing())('virtual machines that start from a saved state', () => {
  beforeAll(sharedStates, PREPARATION_LIMIT_MS);

  cloudContract('qemu', openFastFixture);
});
