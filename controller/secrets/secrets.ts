import type { Clock } from '#controller/clock';
import {
  currentSecretsKey,
  deleteSecret,
  firstSecretsKey,
  holdSecretsKey,
  listSecrets,
  newId,
  projectNameOf,
  putSecret,
  secretsIn,
  type Build,
  type Secret,
  type Store,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { checkSecret, type NewSecret } from './check-secret.ts';
import { seal, unseal, type Key, type Place } from './key.ts';
import type { Keyring } from './keyring.ts';
import { rotateKeys, type Rotation } from './rotate.ts';
import { scopesOf } from './scope.ts';

/** A secret as everybody may see it: without its value. */
export type SecretInfo = Pick<Secret, 'scope' | 'name' | 'debug' | 'created_at' | 'updated_at'>;

/** Values that steps need and nobody should see. They are sealed in the store; only `resolve`, `forDebugging` and `valueOf` give them. */
export interface Secrets {
  /** Takes the place of the secret of that scope and name, if there is one. @throws FootmanError `request-invalid` */
  set(secret: NewSecret): Promise<SecretInfo>;
  list(): Promise<SecretInfo[]>;
  /** Returns what there was. */
  remove(place: Place): Promise<SecretInfo | undefined>;
  /** A new key for all secrets; the old ones are forgotten. Another rotation at the same time does no harm. */
  rotate(): Promise<Rotation>;
  /**
   * The values that the build may use, by name: of its pipeline's, its project's and the controller's secrets the nearest. What there is
   * not is not in the map. A build that strangers wrote (`fork`) gets none.
   *
   * @throws FootmanError `secret-unreadable`
   */
  resolve(build: ResolvingBuild, names: readonly string[]): Promise<Map<string, string>>;
  /** The same, parted by whether they may stay on a node that is held. @throws FootmanError `secret-unreadable` */
  forDebugging(build: ResolvingBuild, names: readonly string[]): Promise<DebuggingSecrets>;
  /** The value in the first of the scopes that has the name. @throws FootmanError `secret-unreadable` */
  valueOf(scopes: readonly string[], name: string): Promise<string | undefined>;
}

/** Values by name, as their `debug` says. */
export interface DebuggingSecrets {
  allowed: Map<string, string>;
  denied: Map<string, string>;
}

export type ResolvingBuild = Pick<Build, 'pipeline' | 'project_id' | 'trust'>;

interface Deps {
  store: Store;
  clock: Clock;
  keyring: Keyring;
}

/** Rotations that may come in between; each takes far longer than what it disturbs. */
const ATTEMPTS = 5;

export function createSecrets({ store, clock, keyring }: Deps): Secrets {
  return {
    async set(secret) {
      checkSecret(secret);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const row = await put(secret, await sealingKey());
        if (row !== undefined) return infoOf(row);
      }
      throw new FootmanError('conflict', 'the keys of secrets are being rotated all the time; try again');
    },
    list: async () => (await listSecrets(store.db)).map(infoOf),
    async remove({ scope, name }) {
      const row = await deleteSecret(store.db, scope, name);
      return row === undefined ? undefined : infoOf(row);
    },
    rotate: () => rotateKeys({ store, keyring }),
    resolve: async (build, names) => valuesOf(await ofBuild(build, names)),
    async forDebugging(build, names) {
      const rows = await ofBuild(build, names);
      return {
        allowed: valuesOf(rows.filter(({ debug }) => debug === 'allow')),
        denied: valuesOf(rows.filter(({ debug }) => debug !== 'allow')),
      };
    },
    valueOf: async (scopes, name) => valuesOf(await read(scopes, [name])).get(name),
  };

  async function ofBuild(build: ResolvingBuild, names: readonly string[]): Promise<Secret[]> {
    if (build.trust !== 'trusted' || names.length === 0) return [];
    return read(scopesOf(build, await projectNameOf(store.db, build)), names);
  }

  function valuesOf(rows: readonly Secret[]): Map<string, string> {
    return new Map(rows.map((row) => [row.name, open(row)]));
  }

  /** Undefined when another key has become the current one. */
  function put({ value, ...secret }: NewSecret, key: Key): Promise<Secret | undefined> {
    const at = clock.now();
    const sealed = seal(key, secret, value);
    return store.transaction(async (db) => {
      if (!(await holdSecretsKey(db, key.id))) return undefined;
      const row = { ...secret, id: newId(), key_id: key.id, sealed, created_at: at, updated_at: at };
      return putSecret(db, row);
    });
  }

  async function sealingKey(): Promise<Key> {
    const { db } = store;
    const id = (await currentSecretsKey(db)) ?? (await firstSecretsKey(db, keyring.newest().id));
    return keyring.find(id) ?? missing('new secrets', id);
  }

  /** Again when a rotation came between the look at the rows and the look at the keys. */
  async function read(scopes: readonly string[], names: readonly string[]): Promise<Secret[]> {
    for (let attempt = 1; ; attempt++) {
      const rows = nearest(await secretsIn(store.db, scopes, names), scopes);
      const isLast = attempt === ATTEMPTS;
      if (isLast || rows.every(({ key_id: keyId }) => keyring.find(keyId) !== undefined)) return rows;
    }
  }

  function open(row: Secret): string {
    const key = keyring.find(row.key_id) ?? missing(nameOf(row), row.key_id);
    const value = unseal(key, row, row.sealed);
    if (value !== undefined) return value;
    throw new FootmanError('secret-unreadable', `${nameOf(row)} was changed in the store by other hands`, {
      hint: 'set it again with `footman secret set`',
    });
  }

  function missing(what: string, id: string): never {
    throw new FootmanError('secret-unreadable', `the key ${id} of ${what} is not in ${keyring.file}`, {
      hint:
        'all controllers of one store need the same file, named by `secrets: { key-file: … }`; if the key is lost, ' +
        '`footman secret rotate` begins with a new one, and the secrets must be set again',
    });
  }
}

/** Of each name the row in the first of the scopes. */
function nearest(rows: readonly Secret[], scopes: readonly string[]): Secret[] {
  const farFirst = rows.toSorted((one, other) => scopes.indexOf(other.scope) - scopes.indexOf(one.scope));
  return [...new Map(farFirst.map((row) => [row.name, row])).values()];
}

function infoOf({ scope, name, debug, created_at, updated_at }: Secret): SecretInfo {
  return { scope, name, debug, created_at, updated_at };
}

function nameOf({ scope, name }: Place): string {
  return `the secret ${name} (${scope})`;
}
