import { describeStorageTrouble } from '#test/storage-trouble-suite';

describeStorageTrouble('Swift', ({ swift }) => swift);
