import { describeFolder } from './blobs/folder.ts';
import { FS } from './blobs/implementation.ts';
import { describeBlobs } from './blobs/suite.ts';

describeBlobs(FS);
describeFolder();
