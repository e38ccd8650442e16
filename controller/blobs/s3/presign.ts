import { GetObjectCommand, PutObjectCommand, UploadPartCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { PresignedRequest } from '#shared/protocol';
import type { PresignOptions } from '../contract.ts';
import { attachmentNamed } from '../disposition.ts';
import { partSize } from '../parts.ts';
import type { Place } from './place.ts';

/** The longest that such a signature may be good for. */
const MAX_SECONDS = 7 * 24 * 3600;
const SHA256_HEADER = 'x-amz-checksum-sha256';

/**
 * A request that the storage takes from whoever holds it. Its size is signed as `Content-Length`, which every client sends by itself; the digest is
 * one that the storage checks if it knows how.
 */
export async function presign(
  client: S3Client,
  place: Place,
  options: PresignOptions,
  now: number,
): Promise<Omit<PresignedRequest, 'relay'>> {
  const headers = headersOf(place, options);
  const url = await getSignedUrl(client, commandOf(place, options) as GetObjectCommand, {
    expiresIn: Math.min(Math.ceil(options.expiresIn / 1000), MAX_SECONDS),
    signingDate: new Date(now),
    // What stands in the query would be no more than said.
    unhoistableHeaders: new Set(Object.keys(headers)),
  });
  return { method: options.method, url, headers };
}

function commandOf({ bucket, nameOf, encryption }: Place, options: PresignOptions) {
  if ('upload' in options) {
    const { upload, part } = options;
    return new UploadPartCommand({
      Bucket: bucket,
      Key: nameOf(upload.key),
      UploadId: upload.id,
      PartNumber: part,
      ContentLength: partSize(upload, part),
    });
  }
  const at = { Bucket: bucket, Key: nameOf(options.key) };
  if (options.method === 'PUT') {
    const checksum = options.sha256 === undefined ? {} : { ChecksumSHA256: base64(options.sha256) };
    return new PutObjectCommand({ ...at, ContentLength: options.bytes, ...checksum, ...encryption });
  }
  const disposition =
    options.filename === undefined ? {} : { ResponseContentDisposition: attachmentNamed(options.filename) };
  return new GetObjectCommand({ ...at, ...disposition });
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

function base64(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('base64');
}
