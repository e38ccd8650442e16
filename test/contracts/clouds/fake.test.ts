import { join } from 'node:path';
import { openProcessFixture, type ProcessCloudFixture } from './process-fixture.ts';
import { cloudContract } from './suite.ts';

function open(): Promise<ProcessCloudFixture> {
  return openProcessFixture({
    kind: 'fake',
    settings: (folder) => ({ world: folder }),
    nodes: (folder) => join(folder, 'processes'),
    template: {},
  });
}

cloudContract('fake', open);
