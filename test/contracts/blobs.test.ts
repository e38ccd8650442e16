import { describeFolder } from './blobs/folder.ts';
import { describeFolderUploads } from './blobs/folder-uploads.ts';
import { FS } from './blobs/implementation.ts';
import { describeBlobs } from './blobs/suite.ts';

describeBlobs(FS);
describeFolder();
describeFolderUploads();
