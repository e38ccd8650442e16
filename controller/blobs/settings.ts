/** Where objects are kept, as the configuration says. */
export type BlobSettings = FsSettings | S3Settings | SwiftSettings;

/** What an environment variable held when the configuration was read: a secret never stands in a file. */
export interface EnvironmentSecret {
  variable: string;
  value: string;
}

export interface FsSettings {
  kind: 'fs';
  /** Absolute. */
  folder: string;
}

export interface S3Settings {
  kind: 's3';
  /** Null for Amazon's own. */
  endpoint: string | null;
  region: string;
  bucket: string;
  /** Before every key: empty, or with a slash at its end. */
  prefix: string;
  /** Whether the bucket stands in the path, or in the name of the host. */
  pathStyle: boolean;
  /** Null for the usual chain: environment, shared files, the machine's own role. */
  credentials: {
    accessKeyId: EnvironmentSecret;
    secretAccessKey: EnvironmentSecret;
    sessionToken: EnvironmentSecret | null;
  } | null;
  /** What the storage encrypts objects with; null for its own default. `key` null is the storage's own key. */
  encryption: { kind: 'AES256' } | { kind: 'aws:kms'; key: string | null } | null;
  /** What agents and people reach it by, where that is another name; null for the endpoint itself. */
  publicEndpoint: string | null;
}

export interface SwiftSettings {
  kind: 'swift';
  auth: TempAuth | KeystoneAuth;
  container: string;
  /** Before every key: empty, or with a slash at its end. */
  prefix: string;
  /** What signs links. Null for one that is made and set on the container, where it has none. */
  urlKey: EnvironmentSecret | null;
  /** What agents and people reach the account by, in the place of the URL that the login tells: scheme, host and port. */
  publicEndpoint: string | null;
}

/** `url` is the one that gives tokens: `http://storage:8080/auth/v1.0`. */
export interface TempAuth {
  kind: 'tempauth';
  url: string;
  user: string;
  key: EnvironmentSecret;
}

/** Version 3; `url` ends in `/v3`. */
export interface KeystoneAuth {
  kind: 'keystone';
  url: string;
  /** Null for the only one, or the first. */
  region: string | null;
  /** Which of the catalogue's endpoints of the object store is used. */
  interface: 'public' | 'internal' | 'admin';
  login:
    | {
        kind: 'password';
        user: string;
        userDomain: string;
        project: string;
        projectDomain: string;
        password: EnvironmentSecret;
      }
    | { kind: 'application'; id: string; secret: EnvironmentSecret };
}
