import { setup } from './build.ts';
import { vmMissing } from './vm-image.ts';
import { vmStates } from './vm-state.ts';

/** Makes what the suites with virtual machines share, before they ask for it: `.ci/run` does so while the checks run. */
if (vmMissing() === undefined) {
  await setup();
  await vmStates();
}
