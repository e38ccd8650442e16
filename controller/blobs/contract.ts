import type { Readable } from 'node:stream';
import type { PresignedRequest } from '#shared/protocol';

/**
 * A store of objects under keys, each written whole.
 *
 * Keys are 1 to 900 of `A-Z a-z 0-9 . _ - /`: parts of at most 200 characters between single slashes, none of them `.` or `..`. Every
 * method refuses others with `request-invalid`. `a` and `a/b` may both exist.
 *
 * All methods may run at the same time, for the same key too. An object appears whole or not at all, and what was read of it is of one
 * version; of several puts of a key, one wins. What `put` resolved for survives a crash of controller and machine. Each method rejects
 * with the signal's reason soon after it aborts.
 *
 * Every method may throw FootmanError `storage-unavailable` where the storage is down, too slow or overloaded: the same call may do better
 * later; and `storage-refused` where it says no for good: wrong credentials, no such bucket, full. Small requests are tried again a few
 * times before; streams are not. No answer is ever taken for "there is nothing".
 */
export interface Blobs {
  readonly limits: BlobLimits;
  /**
   * Stores an object, in place of one that is there. Putting it again is safe. Never holds the whole of a stream in memory.
   *
   * @throws FootmanError `request-invalid` where size or digest aren't the expected ones, `too-large` beyond the expected size; nothing
   * is stored then, and what was there stays.
   */
  put(
    key: string,
    content: Buffer | AsyncIterable<Uint8Array>,
    expected: Expected,
    signal: AbortSignal,
  ): Promise<BlobInfo>;
  /**
   * The object, or the part of it in `range`, whose end is cut to the object's. The stream must be read to its end or destroyed.
   *
   * @throws FootmanError `not-found`; `request-invalid` for a range that starts behind the last byte.
   */
  get(key: string, options: { range?: Range }, signal: AbortSignal): Promise<BlobContent>;
  /** The object's size, or undefined where there is none. */
  head(key: string, signal: AbortSignal): Promise<BlobInfo | undefined>;
  /** Removes an object. One that isn't there is fine. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /**
   * Objects whose key starts with `prefix`, which may end in the middle of a part, in the order of their keys' bytes. Those that come
   * or go meanwhile may be listed or not. Parts of objects are none.
   */
  list(prefix: string, signal: AbortSignal): AsyncIterable<BlobInfo>;
  /** A request that lets its holder do one thing with one object until it expires, and nothing else. Does not look whether the object exists. */
  presign(options: PresignOptions): Promise<PresignedRequest>;
  readonly uploads: Uploads;
}

/** Objects that come in parts. Nothing of one is seen before it is completed. */
export interface Uploads {
  /** Begins an object of this size, in parts of `partBytes`, the last of which may be smaller. Resolves with what names the upload. */
  begin(key: string, shape: UploadShape, signal: AbortSignal): Promise<string>;
  /**
   * Stores a part, in place of one that is there; numbers count from 1. Agents do the same by `presign`.
   *
   * @throws FootmanError `request-invalid`, `too-large` as `put`; `not-found` where the upload was ended
   */
  putPart(
    upload: Upload,
    part: number,
    content: Buffer | AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Numbers of the parts that are there, in whole. */
  parts(upload: Upload, signal: AbortSignal): Promise<number[]>;
  /**
   * Makes the object out of its parts. Completing it again is fine.
   *
   * @throws FootmanError `request-invalid` where a part is missing or has not its size; nothing is seen of the object then
   */
  complete(upload: Upload, signal: AbortSignal): Promise<BlobInfo>;
  /** Gives it up and removes its parts; one that was completed, or isn't there, is fine, and its object stays. */
  abort(upload: Pick<Upload, 'key' | 'id'>, signal: AbortSignal): Promise<void>;
  /** Uploads that were begun and neither completed nor given up, of keys that start with `prefix`, in no order. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<OpenUpload>;
}

export interface UploadShape {
  bytes: number;
  partBytes: number;
}

export interface Upload extends UploadShape {
  key: string;
  /** As `begin` named it. */
  id: string;
}

export interface OpenUpload {
  key: string;
  id: string;
  /** When it began; milliseconds since the epoch. */
  startedAt: number;
}

/** What the storage can take. */
export interface BlobLimits {
  /** Bytes of an object that is put at once. */
  putBytes: number;
  /** Bytes of a part, but for the last; and how many parts there may be. */
  leastPartBytes: number;
  mostPartBytes: number;
  parts: number;
  /** Whether a presigned upload of another size than the signed one is refused by the storage itself. */
  signsSize: boolean;
}

export interface BlobInfo {
  key: string;
  bytes: number;
}

/** What an object must turn out to be. The digest is in lower-case hexadecimal. */
export interface Expected {
  bytes?: number;
  sha256?: string;
}

export interface Range {
  /** First byte, from 0. */
  offset: number;
  length?: number;
}

export interface BlobContent {
  /** Bytes of the whole object. */
  size: number;
  /** Bytes of the stream. */
  bytes: number;
  stream: Readable;
}

/** Times are milliseconds from now. An upload that started in time may end later. */
export type PresignOptions =
  | {
      method: 'GET';
      key: string;
      expiresIn: number;
      /** What a browser calls it when it saves it. */ filename?: string;
    }
  | {
      method: 'PUT';
      key: string;
      expiresIn: number;
      /** The exact size of the object. */
      bytes: number;
      sha256?: string;
    }
  | { method: 'PUT'; upload: Upload; /** From 1. */ part: number; expiresIn: number };
