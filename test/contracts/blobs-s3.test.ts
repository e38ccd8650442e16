import { optionalService } from '#test/optional';
import { swiftMissing } from '#test/swift';
import { inSwift } from './blobs/implementation.ts';
import { describeBlobs } from './blobs/suite.ts';

optionalService('Swift', swiftMissing())('s3', () => {
  describeBlobs(inSwift('s3', ({ s3 }) => s3));
});
