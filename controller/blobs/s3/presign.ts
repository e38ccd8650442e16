import type { S3Client } from '@aws-sdk/client-s3';
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import type { PresignedRequest } from '#shared/protocol';
import type { PresignOptions } from '../contract.ts';
import { attachmentNamed } from '../disposition.ts';
import { partSize } from '../parts.ts';
import { bucketUrl } from './bucket-url.ts';
import type { Place } from './place.ts';

export type Presign = (options: PresignOptions, now: number) => Promise<Omit<PresignedRequest, 'relay'>>;

/** The longest that such a signature may be good for. */
const MAX_SECONDS = 7 * 24 * 3600;
const SHA256_HEADER = 'x-amz-checksum-sha256';

/**
 * Makes requests that the storage takes from whoever holds them. An upload's size is signed as `Content-Length`, which every client sends by itself; the
 * digest is one that the storage checks if it knows how.
 *
 * The SDK's `getSignedUrl` prepares a whole call for each, in about a millisecond: an artifact of thousands of files would keep the controller busy.
 */
export function createPresign(client: S3Client, place: Place): Presign {
  const { credentials, region, sha256 } = client.config;
  const presigner = new S3RequestPresigner({ credentials, region, sha256 });
  let bucket: Promise<URL> | undefined;

  return async (options, now) => {
    bucket ??= bucketUrl(client, place.bucket);
    const { protocol, hostname, port, pathname } = await bucket.catch(forget);
    const headers = headersOf(place, options);
    const { path, query } = await presigner.presign(
      {
        method: options.method,
        protocol,
        hostname,
        ...(port !== '' && { port: Number(port) }),
        path: `${pathname}${place.nameOf('upload' in options ? options.upload.key : options.key)}`,
        query: queryOf(options),
        headers: { ...headers, ...lengthOf(options) },
      },
      {
        expiresIn: Math.min(Math.ceil(options.expiresIn / 1000), MAX_SECONDS),
        signingDate: new Date(now),
        // What stands in the query would be no more than said.
        unhoistableHeaders: new Set(Object.keys(headers)),
      },
    );
    const origin = `${protocol}//${hostname}${port === '' ? '' : `:${port}`}`;
    return { method: options.method, url: `${origin}${path}?${written(query)}`, headers };
  };

  /** Where its endpoint or credentials could not be had, they may be another time. */
  function forget(error: unknown): never {
    bucket = undefined;
    throw error;
  }
}

function queryOf(options: PresignOptions): Record<string, string> {
  if ('upload' in options) return { partNumber: String(options.part), uploadId: options.upload.id };
  if (options.method === 'PUT' || options.filename === undefined) return {};
  return { 'response-content-disposition': attachmentNamed(options.filename) };
}

function lengthOf(options: PresignOptions): Record<string, string> {
  if ('upload' in options) return { 'content-length': String(partSize(options.upload, options.part)) };
  return options.method === 'PUT' ? { 'content-length': String(options.bytes) } : {};
}

/** Headers that are signed, and that a client doesn't send by itself. */
function headersOf({ encryption }: Place, options: PresignOptions): Record<string, string> {
  if (!('bytes' in options)) return {};
  const { ServerSideEncryption: kind, SSEKMSKeyId: key } = encryption;
  return {
    ...(options.sha256 !== undefined && { [SHA256_HEADER]: base64(options.sha256) }),
    ...(kind !== undefined && { 'x-amz-server-side-encryption': kind }),
    ...(key !== undefined && { 'x-amz-server-side-encryption-aws-kms-key-id': key }),
  };
}

/** Not as a form writes it: the signature is over `%20`, where that has `+`. */
function written(query: Record<string, unknown> | undefined): string {
  return Object.entries(query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
}

function base64(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('base64');
}
