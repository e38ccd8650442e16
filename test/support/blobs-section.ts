import type { BlobSettings, EnvironmentSecret } from '#controller/blobs';

/** `blobs` of a footman.yaml, and the environment that goes with it: a secret never stands in a file. */
export interface BlobsSection {
  yaml: string;
  env: Record<string, string>;
}

/** Those of a test storage (`startSwift`), or of files. */
export function blobsSection(settings: BlobSettings): BlobsSection {
  switch (settings.kind) {
    case 'fs':
      return { yaml: `blobs: { kind: fs, folder: ${settings.folder} }`, env: {} };
    case 's3': {
      const { endpoint, bucket, credentials, publicEndpoint } = settings;
      if (credentials === null) throw new Error('a test storage has credentials');
      const { accessKeyId, secretAccessKey } = credentials;
      const keys = `access-key-env: ${accessKeyId.variable}, secret-key-env: ${secretAccessKey.variable}`;
      const place = `endpoint: "${endpoint}", bucket: ${bucket}${elsewhere(publicEndpoint)}`;
      return {
        yaml: `blobs: { kind: s3, ${place}, ${keys} }`,
        env: environmentOf(accessKeyId, secretAccessKey),
      };
    }
    case 'swift': {
      const { auth, container, publicEndpoint } = settings;
      if (auth.kind !== 'tempauth') throw new Error('another login was asked for');
      const login = `{ kind: tempauth, url: "${auth.url}", user: "${auth.user}", key-env: ${auth.key.variable} }`;
      const place = `container: ${container}${elsewhere(publicEndpoint)}`;
      return { yaml: `blobs: { kind: swift, auth: ${login}, ${place} }`, env: environmentOf(auth.key) };
    }
  }
}

function elsewhere(publicEndpoint: string | null): string {
  return publicEndpoint === null ? '' : `, public-endpoint: "${publicEndpoint}"`;
}

function environmentOf(...secrets: EnvironmentSecret[]): Record<string, string> {
  return Object.fromEntries(secrets.map(({ variable, value }) => [variable, value]));
}
