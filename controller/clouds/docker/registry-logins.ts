import { readFile } from 'node:fs/promises';
import { FootmanError } from '#shared/errors';
import type { RegistryLogin } from './engine-images.ts';
import type { Credentials } from './schema.ts';

const DOCKER_HUB = 'docker.io';
/** The name that engines know Docker Hub's accounts by. */
const DOCKER_HUB_ADDRESS = 'https://index.docker.io/v1/';

export interface Logins {
  /** Who to be to the registry; undefined for a stranger. Read anew each time, so that a changed password counts at once. */
  of(registry: string): Promise<RegistryLogin | undefined>;
}

export function createLogins(registries: Record<string, Credentials>): Logins {
  return {
    async of(registry) {
      const credentials = Object.hasOwn(registries, registry) ? registries[registry] : undefined;
      if (credentials === undefined) return undefined;
      const serveraddress = registry === DOCKER_HUB ? DOCKER_HUB_ADDRESS : registry;
      return {
        username: credentials.username,
        password: await readPassword(registry, credentials),
        serveraddress,
      };
    },
  };
}

/** The registry's host in an image's name, by Docker's rule: a first part with a dot or a colon, or `localhost`; else Docker Hub. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : DOCKER_HUB;
}

async function readPassword(registry: string, credentials: Credentials): Promise<string> {
  const { 'password-file': file, 'password-env': variable } = credentials;
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw unreadable(registry, `${file} can't be read`, cause);
    });
    return text.replace(/\r?\n$/, '');
  }
  const password = variable === undefined ? undefined : process.env[variable];
  if (password === undefined) throw unreadable(registry, `the controller has no variable ${variable ?? ''}`);
  return password;
}

function unreadable(registry: string, why: string, cause?: unknown): FootmanError {
  return new FootmanError('cloud-refused', `the password for the registry ${registry} is missing: ${why}`, {
    cause,
  });
}
