/** Where objects are kept, as the configuration says. Credentials were read from the environment; they never stand in a file. */
export type BlobSettings = FsSettings | S3Settings | SwiftSettings;

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
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null;
  /** What the storage encrypts objects with; null for its own default. */
  encryption: { kind: 'AES256' } | { kind: 'aws:kms'; key: string | null } | null;
  /** What agents reach it by, where that is another name; null for the endpoint itself. */
  publicEndpoint: string | null;
}

export interface SwiftSettings {
  kind: 'swift';
  auth: TempAuth | KeystoneAuth;
  container: string;
  prefix: string;
  /** The key that signs links. Null for one that is set on the container when it has none. */
  urlKey: string | null;
  publicEndpoint: string | null;
}

/** `url` is the one that tells tokens: `http://storage:8080/auth/v1.0`. */
export interface TempAuth {
  kind: 'tempauth';
  url: string;
  user: string;
  key: string;
}

/** Version 3; `url` ends in `/v3`. With an application credential, user and project are its own. */
export interface KeystoneAuth {
  kind: 'keystone';
  url: string;
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
        password: string;
      }
    | { kind: 'application'; id: string; secret: string };
}
