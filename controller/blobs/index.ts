/**
 * Object storage: artifacts, sources and archived logs, behind one contract. `fs` keeps objects on the local disk, `s3` in a bucket, `swift` in a
 * container. Agents never see a storage's credentials: they upload and download by presigned requests, each good for one object, one method and
 * a short time. Where they can't reach the storage, the controller takes the same requests and passes them on.
 */
export type {
  BlobContent,
  BlobInfo,
  BlobLimits,
  Blobs,
  Expected,
  OpenUpload,
  PresignOptions,
  Range,
  Upload,
  Uploads,
  UploadShape,
} from './contract.ts';
export type {
  BlobSettings,
  EnvironmentSecret,
  KeystoneAuth,
  S3Settings,
  SwiftSettings,
  TempAuth,
} from './settings.ts';
export { openBlobs, openFsBlobs, type BlobStorage } from './open-blobs.ts';
export { BLOBS_PATH } from './relay/token.ts';
