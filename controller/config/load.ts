import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { StoreSettings } from '#controller/store';
import { parseDocument } from '#shared/document';
import { FootmanError } from '#shared/errors';
import type { TeardownSettings } from '#controller/nodes';
import type { BastionSettings, Configuration, HoldSettings } from './configuration.ts';
import { ConfigurationMistakes } from './configuration-mistakes.ts';
import { crossCheck } from './cross-check.ts';
import { DEFAULT_LISTEN, defaultDataFolder, defaultDocument } from './defaults.ts';
import { toBlobs } from './to-blobs.ts';
import { toCloud } from './to-cloud.ts';
import { toRetention } from './to-retention.ts';
import { configurationSchema, type ConfigurationDocument } from './schema.ts';

interface Options {
  /** footman.yaml; without one the built-in defaults hold. */
  file?: string | undefined;
  /** What would stand in the file, instead of what does. */
  text?: string | undefined;
  env: NodeJS.ProcessEnv;
  /** What the command line says; it wins over the file. */
  overrides?: { data?: string | undefined; listen?: string | undefined };
}

/**
 * Reads the configuration and completes it.
 *
 * @throws ConfigurationMistakes with all mistakes of the file, one a line; FootmanError `configuration-invalid` for what lies outside it.
 */
export async function loadConfiguration({
  file,
  text,
  env,
  overrides = {},
}: Options): Promise<Configuration> {
  const source = text ?? (file === undefined ? defaultDocument() : await read(file));
  const parsed = parseDocument({
    source,
    file: file ?? (text === undefined ? 'built-in defaults' : 'footman.yaml'),
    schema: configurationSchema(),
    check: crossCheck,
  });
  if (!parsed.ok) throw new ConfigurationMistakes(parsed.problems);
  const { value } = parsed;
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  const data = overrides.data ?? (value.data === undefined ? undefined : resolve(base, value.data));
  const folder = resolve(data ?? env['FOOTMAN_DATA'] ?? defaultDataFolder(env));
  return {
    data: folder,
    listen: parseListen(overrides.listen ?? value.listen ?? DEFAULT_LISTEN),
    publicUrl: value['public-url'] ?? null,
    logLevel: value['log-level'],
    store: storeSettings(value.store, folder, env),
    timeouts: {
      launch: value.timeouts.launch,
      connect: value.timeouts.connect,
      check: value.timeouts.check,
      agentLost: value.timeouts['agent-lost'],
      queue: value.timeouts.queue,
      cancelGrace: value.timeouts['cancel-grace'],
      artifacts: value.timeouts.artifacts,
      uploads: value.timeouts.uploads,
    },
    limits: {
      stepLog: value.limits['step-log'],
      artifactFiles: value.limits['artifact-files'],
      artifactBytes: value.limits['artifact-bytes'],
      cacheBytes: value.limits['cache-bytes'],
      reportBytes: value.limits['report-bytes'],
      testCases: value.limits['test-cases'],
    },
    sweep: value.sweep,
    teardown: toTeardown(value.teardown),
    blobs: toBlobs(value.blobs, { base, data: folder, env }),
    logs: { archiveAfter: value.logs['archive-after'] },
    retention: toRetention(value.retention),
    images: {
      captureTimeout: value.images['capture-timeout'],
      rollBackAfter: value.images['roll-back-after'],
      preparedDisk: value.images['prepared-disk'] ?? null,
    },
    holds: toHolds(value.holds, env),
    bastion: value.bastion === undefined ? null : toBastion(value.bastion),
    shutdown: value.shutdown,
    secrets: { keyFile: keyFile(value.secrets, { base, data: folder, env }) },
    clouds: Object.entries(value.clouds).map(([name, cloud]) => toCloud(name, cloud)),
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FootmanError('configuration-invalid', `cannot read the configuration ${file}`, { cause });
  }
}

function storeSettings(
  store: ConfigurationDocument['store'],
  data: string,
  env: NodeJS.ProcessEnv,
): StoreSettings {
  if (store.kind === 'sqlite') return { kind: 'sqlite', file: resolve(data, 'footman.db') };
  const url = env[store['url-env']];
  if (url !== undefined && url !== '') return { kind: 'postgres', url };
  throw new FootmanError(
    'configuration-invalid',
    `the store is PostgreSQL, but ${store['url-env']} is not set`,
    {
      hint: `set ${store['url-env']} to a URL such as postgres://user:password@host/database`,
    },
  );
}

function toTeardown(section: ConfigurationDocument['teardown']): TeardownSettings {
  return {
    maxStopped: section['max-stopped'],
    maxAgeMs: section['max-age'],
    minFreeDiskBytes: section['min-free-disk'],
    minFreeMemoryBytes: section['min-free-memory'],
    idleMs: section.idle,
    atOnce: section['at-once'],
  };
}

function toHolds(section: ConfigurationDocument['holds'], env: NodeJS.ProcessEnv): HoldSettings {
  const { webhook } = section;
  return {
    default: section.default,
    maximum: section.maximum,
    perUser: section['per-user'],
    perTemplate: section['per-template'],
    remindBefore: section['remind-before'],
    extendOnUse: section['extend-on-use'],
    keepSnapshots: section['keep-snapshots'],
    webhook: webhook === undefined ? null : toWebhook(webhook, env),
  };
}

function toWebhook(
  { url, 'secret-env': variable }: NonNullable<ConfigurationDocument['holds']['webhook']>,
  env: NodeJS.ProcessEnv,
): HoldSettings['webhook'] {
  if (variable === undefined) return { url, secretEnv: null, secret: null };
  const secret = env[variable];
  if (secret !== undefined && secret !== '') return { url, secretEnv: variable, secret };
  throw new FootmanError('configuration-invalid', `deliveries are to be signed, but ${variable} is not set`);
}

function toBastion(section: NonNullable<ConfigurationDocument['bastion']>): BastionSettings {
  return {
    listen: parseListen(section.listen),
    host: section.host ?? null,
    idleTimeout: section['idle-timeout'],
    isRecording: section.recording === 'terminals',
    keepRecordings: section['keep-recordings'],
  };
}

function keyFile(
  { 'key-file': file }: ConfigurationDocument['secrets'],
  { base, data, env }: { base: string; data: string; env: NodeJS.ProcessEnv },
): string {
  if (file !== undefined) return resolve(base, file);
  return resolve(env['FOOTMAN_SECRETS_KEY_FILE'] || resolve(data, 'secrets.key'));
}

function parseListen(address: string): Configuration['listen'] {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replaceAll(/^\[|\]$/g, '');
  const port = Number(address.slice(at + 1));
  if (host !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return { host, port };
  throw new FootmanError('configuration-invalid', `${address} is not an address of the form host:port`);
}
