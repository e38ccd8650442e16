import { openProcessFixture, type ProcessCloudFixture } from './process-fixture.ts';
import { cloudContract } from './suite.ts';

function open(): Promise<ProcessCloudFixture> {
  return openProcessFixture({
    kind: 'process',
    settings: () => ({}),
    nodes: (folder) => folder,
    template: {},
  });
}

cloudContract('process', open);
