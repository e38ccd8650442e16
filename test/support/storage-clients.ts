import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { promisify } from 'node:util';
import type { SwiftContainer } from './swift.ts';

/** Programs that nobody here wrote, which speak to the storage of a test. */
export interface StorageClients {
  /** With the remotes `s3:` and `swift:`. */
  rclone(...words: string[]): Promise<void>;
  s3cmd(...words: string[]): Promise<void>;
  /** OpenStack's own. */
  swift(...words: string[]): Promise<void>;
}

const PROGRAMS = ['rclone', 's3cmd', 'swift', 'zstd'].map((name) => `/usr/bin/${name}`);

const execute = promisify(execFile);

/** Why there are no clients here; undefined when there are. */
export function storageClientsMissing(): string | undefined {
  const missing = PROGRAMS.find((path) => !isProgram(path));
  return missing && `${missing} is not there; install rclone s3cmd python3-swiftclient zstd`;
}

/** `home` is a folder for what they keep. */
export function storageClients({ s3, swift: { auth } }: SwiftContainer, home: string): StorageClients {
  if (s3.endpoint === null || s3.credentials === null) throw new Error('a test storage has both');
  const { host } = new URL(s3.endpoint);
  const [user, key] = [s3.credentials.accessKeyId.value, s3.credentials.secretAccessKey.value];
  const remotes = {
    S3_TYPE: 's3',
    S3_PROVIDER: 'Other',
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY_ID: user,
    S3_SECRET_ACCESS_KEY: key,
    SWIFT_TYPE: 'swift',
    SWIFT_AUTH: auth.url,
    SWIFT_USER: user,
    SWIFT_KEY: key,
  };
  const rcloneEnv = Object.entries(remotes).map(([name, value]) => [`RCLONE_CONFIG_${name}`, value]);
  const s3cmdWords = ['--config=/dev/null', '--quiet', '--no-ssl', `--host=${host}`, `--host-bucket=${host}`];

  return {
    rclone: (...words) => run('rclone', words, Object.fromEntries(rcloneEnv)),
    s3cmd: (...words) =>
      run('s3cmd', [...s3cmdWords, ...words], { AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: key }),
    swift: (...words) => run('swift', words, { ST_AUTH: auth.url, ST_USER: user, ST_KEY: key }),
  };

  /** Not with this process's environment, which may name other storages. */
  async function run(program: string, words: string[], env: NodeJS.ProcessEnv): Promise<void> {
    await execute(`/usr/bin/${program}`, words, { env: { PATH: '/usr/bin:/bin', HOME: home, ...env } });
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
