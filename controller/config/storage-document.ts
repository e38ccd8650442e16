import type { Configuration } from './configuration.ts';
import { section, type Section, type Written } from './section.ts';
import { writtenBytes, writtenDuration } from './written.ts';

type S3 = Extract<Configuration['blobs'], { kind: 's3' }>;
type Swift = Extract<Configuration['blobs'], { kind: 'swift' }>;

/** `blobs` in the file's own keys: variables by their names, never what they hold. */
export function blobsDocument(blobs: Configuration['blobs']): Section {
  switch (blobs.kind) {
    case 'fs':
      return { kind: 'fs', folder: blobs.folder };
    case 's3':
      return s3Document(blobs);
    case 'swift':
      return swiftDocument(blobs);
  }
}

function s3Document({ endpoint, credentials, encryption, publicEndpoint, ...s3 }: S3): Section {
  return section({
    kind: 's3',
    endpoint: endpoint ?? undefined,
    region: s3.region,
    bucket: s3.bucket,
    prefix: s3.prefix,
    'path-style': s3.pathStyle,
    'access-key-env': credentials?.accessKeyId.variable,
    'secret-key-env': credentials?.secretAccessKey.variable,
    'session-token-env': credentials?.sessionToken?.variable,
    encryption: encryptionOf(encryption),
    'public-endpoint': publicEndpoint ?? undefined,
  });
}

function encryptionOf(encryption: S3['encryption']): Written | undefined {
  if (encryption === null) return undefined;
  if (encryption.kind === 'AES256') return 'AES256';
  return section({ 'kms-key': encryption.key ?? undefined });
}

function swiftDocument({ auth, container, prefix, urlKey, publicEndpoint }: Swift): Section {
  return section({
    kind: 'swift',
    auth: authDocument(auth),
    container,
    prefix,
    'url-key-env': urlKey?.variable,
    'public-endpoint': publicEndpoint ?? undefined,
  });
}

function authDocument(auth: Swift['auth']): Section {
  if (auth.kind === 'tempauth') {
    const { kind, url, user, key } = auth;
    return { kind, url, user, 'key-env': key.variable };
  }
  const { kind, url, region, login } = auth;
  const place = section({ kind, url, region: region ?? undefined, interface: auth.interface });
  if (login.kind === 'application')
    return { ...place, 'application-credential': login.id, 'application-secret-env': login.secret.variable };
  const { user, userDomain, project, projectDomain, password } = login;
  return {
    ...place,
    user,
    'user-domain': userDomain,
    project,
    'project-domain': projectDomain,
    'password-env': password.variable,
  };
}

export function retentionDocument({ builds, rules, ...rest }: Configuration['retention']): Section {
  return section({
    ...keepDocument(builds),
    rules: rules.map(({ branches, projects, ...keep }) =>
      section({ branches, projects: projects.length === 0 ? undefined : projects, ...keepDocument(keep) }),
    ),
    artifacts: rest.artifacts === null ? undefined : writtenDuration(rest.artifacts),
    bytes: rest.bytes === null ? undefined : writtenBytes(rest.bytes),
    interval: writtenDuration(rest.interval),
  });
}

function keepDocument({ age, atLeast, atMost }: Configuration['retention']['builds']) {
  return section({
    age: age === null ? undefined : writtenDuration(age),
    'at-least': atLeast,
    'at-most': atMost ?? undefined,
  });
}
