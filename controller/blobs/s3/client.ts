import { S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../settings.ts';
import { ATTEMPTS, CONNECT_TIMEOUT_MS, MAX_CONNECTIONS } from '../timeouts.ts';

const nothing = () => undefined;
/** Without one, the client writes to the console. What it would say is in the errors that it throws. */
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The client for an endpoint. Small requests are tried again with full jitter, streams are not: that is its own way. */
export function createClient(settings: S3Settings, endpoint: string | null, idleTimeout: number): S3Client {
  const { region, pathStyle, credentials } = settings;
  return new S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint !== null && { endpoint }),
    ...(credentials !== null && { credentials: valuesOf(credentials) }),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    // Newer checksums are not known to every storage that speaks S3.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: idleTimeout,
      httpAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
    },
  });
}

function valuesOf({ accessKeyId, secretAccessKey, sessionToken }: NonNullable<S3Settings['credentials']>) {
  return {
    accessKeyId: accessKeyId.value,
    secretAccessKey: secretAccessKey.value,
    ...(sessionToken !== null && { sessionToken: sessionToken.value }),
  };
}
