import { resolve } from 'node:path';
import type { BlobSettings, EnvironmentSecret, S3Settings, SwiftSettings } from '#controller/blobs';
import { FootmanError } from '#shared/errors';
import type { ConfigurationDocument } from './schema.ts';

type Document = ConfigurationDocument['blobs'];
type S3Document = Extract<Document, { kind: 's3' }>;
type SwiftDocument = Extract<Document, { kind: 'swift' }>;

interface Place {
  /** Folder of the file, which its paths are relative to. */
  base: string;
  data: string;
  env: NodeJS.ProcessEnv;
}

/** @throws FootmanError `configuration-invalid` where a variable that it names is not set */
export function toBlobs(section: Document, { base, data, env }: Place): BlobSettings {
  switch (section.kind) {
    case 'fs':
      return {
        kind: 'fs',
        folder: section.folder === undefined ? resolve(data, 'blobs') : resolve(base, section.folder),
      };
    case 's3':
      return toS3(section, env);
    case 'swift':
      return toSwift(section, env);
  }
}

function toS3(section: S3Document, env: NodeJS.ProcessEnv): S3Settings {
  const { 'access-key-env': accessKey, 'secret-key-env': secretKey, 'session-token-env': token } = section;
  if ((accessKey === undefined) !== (secretKey === undefined))
    throw new FootmanError('configuration-invalid', 'access-key-env and secret-key-env go together');
  return {
    kind: 's3',
    endpoint: section.endpoint ?? null,
    region: section.region,
    bucket: section.bucket,
    prefix: section.prefix,
    pathStyle: section['path-style'] ?? section.endpoint !== undefined,
    credentials:
      accessKey === undefined || secretKey === undefined
        ? null
        : {
            accessKeyId: fromEnvironment(accessKey, env),
            secretAccessKey: fromEnvironment(secretKey, env),
            sessionToken: token === undefined ? null : fromEnvironment(token, env),
          },
    encryption: toEncryption(section.encryption),
    publicEndpoint: section['public-endpoint'] ?? null,
  };
}

function toEncryption(written: S3Document['encryption']): S3Settings['encryption'] {
  if (written === undefined) return null;
  if (written === 'AES256') return { kind: 'AES256' };
  return { kind: 'aws:kms', key: written['kms-key'] ?? null };
}

function toSwift(section: SwiftDocument, env: NodeJS.ProcessEnv): SwiftSettings {
  const { 'url-key-env': urlKey } = section;
  return {
    kind: 'swift',
    auth: toAuth(section.auth, env),
    container: section.container,
    prefix: section.prefix,
    urlKey: urlKey === undefined ? null : fromEnvironment(urlKey, env),
    publicEndpoint: section['public-endpoint'] ?? null,
  };
}

function toAuth(auth: SwiftDocument['auth'], env: NodeJS.ProcessEnv): SwiftSettings['auth'] {
  if (auth.kind === 'tempauth') {
    const { kind, url, user } = auth;
    return { kind, url, user, key: fromEnvironment(auth['key-env'], env) };
  }
  const { kind, url, region = null, interface: endpoint } = auth;
  return { kind, url, region, interface: endpoint, login: toLogin(auth, env) };
}

function toLogin(
  auth: Extract<SwiftDocument['auth'], { kind: 'keystone' }>,
  env: NodeJS.ProcessEnv,
): Extract<SwiftSettings['auth'], { kind: 'keystone' }>['login'] {
  const { 'application-credential': id, 'application-secret-env': secret } = auth;
  if (id !== undefined && secret !== undefined)
    return { kind: 'application', id, secret: fromEnvironment(secret, env) };
  const { user, project, 'user-domain': userDomain, 'project-domain': projectDomain } = auth;
  const { 'password-env': password } = auth;
  if (user === undefined || project === undefined || password === undefined)
    throw new FootmanError(
      'configuration-invalid',
      'a login to Keystone has user, project and password-env, or application-credential and application-secret-env',
    );
  return {
    kind: 'password',
    user,
    userDomain,
    project,
    projectDomain,
    password: fromEnvironment(password, env),
  };
}

function fromEnvironment(variable: string, env: NodeJS.ProcessEnv): EnvironmentSecret {
  const value = env[variable];
  if (value !== undefined && value !== '') return { variable, value };
  throw new FootmanError('configuration-invalid', `the storage needs ${variable}, which is not set`, {
    hint: `set ${variable} in the environment of the controller`,
  });
}
