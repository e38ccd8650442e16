import { describeStorageTrouble } from '#test/storage-trouble-suite';

describeStorageTrouble('S3', ({ s3 }) => s3);
