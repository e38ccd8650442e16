import { describe } from 'vitest';
import { useBlobs } from './blobs/context.ts';
import { describeExpectations } from './blobs/expectations.ts';
import { describeFolder } from './blobs/folder.ts';
import { IMPLEMENTATIONS } from './blobs/implementation.ts';
import { describeObjects } from './blobs/objects.ts';
import { describePresigned } from './blobs/presigned.ts';

/** The contract of object storage, over every implementation. */
describe.each(IMPLEMENTATIONS)('blobs in $name', (implementation) => {
  const context = useBlobs(implementation);
  describeObjects(context);
  describeExpectations(context);
  describePresigned(context);
});

describeFolder();
