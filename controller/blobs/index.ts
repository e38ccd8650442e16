/**
 * Object storage: artifacts, sources and archived logs, behind one contract. `fs` keeps objects on the local disk. Agents never see a
 * store's credentials: they upload and download by presigned requests, each good for one object, one method and a short time.
 */
export type { BlobContent, BlobInfo, Blobs, Expected, OpenUpload } from './contract.ts';
export type { BlobSettings, EnvironmentSecret, KeystoneAuth, S3Settings, SwiftSettings, TempAuth } from './settings.ts';
export { BLOBS_PATH } from './fs/presign.ts';
export { openFsBlobs, type FsBlobs } from './fs/fs-blobs.ts';
