import type { Readable } from 'node:stream';
import type { PresignedRequest } from '#shared/protocol';

/**
 * A store of immutable-sized objects under keys.
 *
 * Keys are 1 to 1024 of `A-Z a-z 0-9 . _ - /`: parts of at most 200 characters between single slashes, none of them `.` or `..`. Every
 * method refuses others with `request-invalid`. `a` and `a/b` may both exist.
 *
 * All methods may run at the same time, for the same key too. An object appears whole or not at all, and what was read of it is of one
 * version; of several puts of a key, one wins. What `put` resolved for survives a crash of controller and machine. Each method rejects
 * with the signal's reason soon after it aborts.
 */
export interface Blobs {
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
   * or go meanwhile may be listed or not.
   */
  list(prefix: string, signal: AbortSignal): AsyncIterable<BlobInfo>;
  /** A request that lets its holder get or put one object until it expires, and nothing else. Does not look whether the object exists. */
  presign(options: PresignOptions): Promise<PresignedRequest>;
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

export type PresignOptions =
  | { method: 'GET'; key: string; /** Milliseconds. */ expiresIn: number }
  | {
      method: 'PUT';
      key: string;
      /** Milliseconds. An upload that started in time may end later. */
      expiresIn: number;
      /** The exact size of the object. */
      bytes: number;
      sha256?: string;
    };
