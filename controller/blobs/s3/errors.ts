import { S3ServiceException } from '@aws-sdk/client-s3';
import { FootmanError, messageOf } from '#shared/errors';

/** Refusals that pass, though their status says otherwise. */
const PASSING = new Set([
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'OperationAborted',
]);
/** 501 is what it never does, 507 that it is full. */
const LASTING = new Set([501, 507]);

const HINTS: Record<string, string> = {
  NoSuchBucket: 'make the bucket, or correct its name in the configuration',
  AccessDenied: 'let these credentials list, read, write and delete in the bucket',
  Forbidden: 'let these credentials list, read, write and delete in the bucket',
  InvalidAccessKeyId: 'check the credentials of the storage',
  SignatureDoesNotMatch: 'check the secret key of the storage',
  RequestTimeTooSkewed: "set this machine's clock right",
  CredentialsProviderError: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role',
};

/** Whether a storage answered that with this status, or under this name. */
export function isRefusal(error: unknown, ...names: (string | number)[]): boolean {
  return (
    error instanceof S3ServiceException &&
    (names.includes(error.name) || names.includes(error.$metadata.httpStatusCode ?? 0))
  );
}

/** What a caller is to see of what the client throws. */
export function explain(bucket: string, cause: unknown): unknown {
  if (cause instanceof FootmanError) return cause;
  const hint = cause instanceof Error ? HINTS[cause.name] : undefined;
  const options = { cause, ...(hint !== undefined && { hint }) };
  if (lasts(cause)) {
    return new FootmanError('storage-refused', `the storage refuses: ${describe(bucket, cause)}`, options);
  }
  return new FootmanError('storage-unavailable', `the storage fails: ${describe(bucket, cause)}`, options);
}

function lasts(cause: unknown): boolean {
  if (!(cause instanceof S3ServiceException))
    return cause instanceof Error && cause.name === 'CredentialsProviderError';
  const status = cause.$metadata.httpStatusCode ?? 500;
  if (PASSING.has(cause.name) || status === 429 || status === 408) return false;
  return status < 500 || LASTING.has(status);
}

function describe(bucket: string, cause: unknown): string {
  if (!(cause instanceof S3ServiceException)) return messageOf(cause) || codeOf(cause);
  if (cause.name === 'NoSuchBucket') return `there is no bucket ${bucket}`;
  return `${cause.name} (${cause.$metadata.httpStatusCode ?? 'no status'}) for bucket ${bucket}: ${cause.message}`;
}

/** Of several addresses that all refuse, Node.js says nothing but the code. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'it does not answer';
}
