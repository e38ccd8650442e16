import { optionalService } from '#test/optional';
import { swiftMissing } from '#test/swift';
import { inSwift } from './blobs/implementation.ts';
import { describeBlobs } from './blobs/suite.ts';

optionalService('Swift', swiftMissing())('swift', () => {
  describeBlobs(inSwift('swift', ({ swift }) => swift));
});
