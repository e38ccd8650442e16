import { readFile } from 'node:fs/promises';
import { placeOf, type HostKeys, type KnownHosts, type Machine } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import { parseAddress, type Address } from './address.ts';
import type { Host, Reset, SshSettings } from './schema.ts';

/** The configured hosts, as what logs in to them wants them. */
export interface Machines {
  has(name: string): boolean;
  /** Reads the host's key anew, so that a changed one counts at once. Throws `cloud-refused` where there is none. */
  machine(name: string): Promise<Machine>;
  /** How it is written in the configuration. */
  address(name: string): string;
  reset(name: string): Reset;
  /** The key of the first connection is forgotten: the next one is the first. */
  forgetKey(name: string): Promise<void>;
}

export function createMachines(settings: SshSettings, known: KnownHosts): Machines {
  return {
    has: (name) => Object.hasOwn(settings.hosts, name),
    async machine(name) {
      const host = hostOf(name);
      return {
        name,
        ...addressOf(host),
        user: host.user ?? settings.user ?? '',
        privateKey: await readKey(name, hasKey(host) ? host : settings),
        hostKeys: hostKeysOf(host),
      };
    },
    address: (name) => hostOf(name).address,
    reset: (name) => hostOf(name).reset ?? settings.reset,
    async forgetKey(name) {
      const host = hostOf(name);
      if (host['first-use']) await known.forget(placeOf(addressOf(host)));
    },
  };

  function hostOf(name: string): Host {
    const host = Object.hasOwn(settings.hosts, name) ? settings.hosts[name] : undefined;
    if (host !== undefined) return host;
    throw new FootmanError('cloud-refused', `host ${name} is not configured any more`);
  }

  function hostKeysOf({ 'host-key': keys }: Host): HostKeys {
    if (keys === undefined) return { mode: 'first-use', known };
    return { mode: 'pinned', keys: typeof keys === 'string' ? [keys] : keys };
  }
}

type KeySource = Pick<Host, 'key-file' | 'key-env'>;

function hasKey(source: KeySource): boolean {
  return source['key-file'] !== undefined || source['key-env'] !== undefined;
}

function addressOf({ address }: Host): Address {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new FootmanError('internal', `${address} is no address`);
  return parsed;
}

async function readKey(host: string, source: KeySource): Promise<string> {
  const { 'key-file': file, 'key-env': variable } = source;
  if (file !== undefined)
    return readFile(file, 'utf8').catch((cause: unknown) => {
      throw missing(host, `${file} can't be read`, cause);
    });
  const key = variable === undefined ? undefined : process.env[variable];
  if (key === undefined) throw missing(host, `the controller has no variable ${variable ?? ''}`);
  return key;
}

function missing(host: string, why: string, cause?: unknown): FootmanError {
  return new FootmanError('cloud-refused', `the key to log in to host ${host} with is missing: ${why}`, {
    cause,
  });
}
