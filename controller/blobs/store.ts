import type { PresignedRequest } from '#shared/protocol';
import type {
  BlobContent,
  BlobInfo,
  BlobLimits,
  OpenUpload,
  PresignOptions,
  Range,
  Upload,
  UploadShape,
} from './contract.ts';

/**
 * What each kind of storage does itself; see `Blobs` for what it means. Keys, prefixes, parts and signals were looked at before, and content fails
 * before its end where it isn't what was expected: who doesn't get all of it must not store it.
 */
export interface ObjectStore {
  readonly limits: BlobLimits;
  /** `bytes` is the size of a stream, where that is known. */
  put(key: string, content: Content, bytes: number | undefined, signal: AbortSignal): Promise<BlobInfo>;
  get(key: string, range: Range | undefined, signal: AbortSignal): Promise<BlobContent>;
  head(key: string, signal: AbortSignal): Promise<BlobInfo | undefined>;
  remove(key: string, signal: AbortSignal): Promise<void>;
  list(prefix: string, signal: AbortSignal): AsyncIterable<BlobInfo>;
  begin(key: string, shape: UploadShape, signal: AbortSignal): Promise<string>;
  putPart(upload: Upload, part: number, content: Content, bytes: number, signal: AbortSignal): Promise<void>;
  parts(upload: Upload, signal: AbortSignal): Promise<number[]>;
  complete(upload: Upload, signal: AbortSignal): Promise<BlobInfo>;
  abort(upload: Pick<Upload, 'key' | 'id'>, signal: AbortSignal): Promise<void>;
  uploads(prefix: string, signal: AbortSignal): AsyncIterable<OpenUpload>;
  /** A request to the storage itself; null where the controller is the only way to it. */
  presign(options: PresignOptions): Promise<Omit<PresignedRequest, 'relay'> | null>;
  /** What a caller is to see of an error of this storage. Errors that it doesn't know are returned as they are. */
  explain(error: unknown): unknown;
}

export type Content = Buffer | AsyncIterable<Uint8Array>;
