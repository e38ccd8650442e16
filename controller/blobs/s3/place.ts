import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../settings.ts';

/** Where objects are, and how they are named and kept there. */
export interface Place {
  client: S3Client;
  bucket: string;
  /** The name of a key in the bucket. */
  nameOf(key: string): string;
  /** The key of a name; it may be none of ours. */
  keyOf(name: string): string;
  /** What every new object is encrypted with. */
  encryption: Encryption;
  pageSize: number;
  idleTimeout: number;
}

type Encryption = { ServerSideEncryption?: 'AES256' | 'aws:kms'; SSEKMSKeyId?: string };

export function createPlace(
  client: S3Client,
  { bucket, prefix, encryption }: S3Settings,
  { pageSize, idleTimeout }: { pageSize: number; idleTimeout: number },
): Place {
  return {
    client,
    bucket,
    nameOf: (key) => prefix + key,
    keyOf: (name) => name.slice(prefix.length),
    encryption: encryptionOf(encryption),
    pageSize,
    idleTimeout,
  };
}

function encryptionOf(encryption: S3Settings['encryption']): Encryption {
  if (encryption === null) return {};
  const key = encryption.kind === 'aws:kms' ? encryption.key : null;
  return { ServerSideEncryption: encryption.kind, ...(key !== null && { SSEKMSKeyId: key }) };
}
