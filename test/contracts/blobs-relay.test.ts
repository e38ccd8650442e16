import { optionalService } from '#test/optional';
import { swiftMissing } from '#test/swift';
import { inSwift } from './blobs/implementation.ts';
import { describeBlobs } from './blobs/suite.ts';

optionalService('Swift', swiftMissing())('relay', () => {
  describeBlobs(inSwift('s3, through the controller', ({ s3 }) => s3, { relayed: true }));
});
