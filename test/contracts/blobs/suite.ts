import { describe } from 'vitest';
import { useBlobs } from './context.ts';
import { describeExpectations } from './expectations.ts';
import type { Implementation } from './implementation.ts';
import { describeListings } from './listings.ts';
import { describeObjects } from './objects.ts';
import { describePresigned } from './presigned.ts';
import { describeRelayed } from './relayed.ts';
import { describeUploadEnds } from './upload-ends.ts';
import { describeUploads } from './uploads.ts';

/** The contract of object storage, over one implementation. */
export function describeBlobs(implementation: Implementation): void {
  describe(`blobs in ${implementation.name}`, () => {
    const context = useBlobs(implementation);
    describeObjects(context);
    describeListings(context);
    describeExpectations(context);
    describePresigned(context);
    if (implementation.relayed) describeRelayed(context);
    describeUploads(context);
    describeUploadEnds(context);
  });
}
