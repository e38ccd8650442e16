import {
  changeSecretsKey,
  currentSecretsKey,
  firstSecretsKey,
  holdSecretsKey,
  resealSecret,
  sealingKeys,
  secretsOfOtherKeys,
  type Db,
  type Secret,
  type Store,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { seal, unseal, type Key, type Place } from './key.ts';
import type { Keyring } from './keyring.ts';

/** What a rotation came to. */
export interface Rotation {
  /** Id of the key that is the current one now. */
  key: string;
  /** Secrets that were sealed anew. */
  moved: number;
  /** Secrets whose key is lost: nobody can read them any more, and they must be set again. */
  unreadable: Place[];
}

interface Deps {
  store: Store;
  keyring: Keyring;
}

/** Rows that one transaction seals anew. */
const BATCH = 100;

/**
 * Puts a new key in the place of all others. In this order, so that whoever dies on the way, whenever that is, leaves everything readable,
 * and the next rotation finishes it:
 *
 * 1. the new key is in the file, before any row needs it;
 * 2. the store names it as the current one: nobody seals with another from then on;
 * 3. rows are sealed anew, some at a time;
 * 4. older keys that no row needs any more leave the file.
 *
 * Of several rotations at once, each goes on only as long as its key is the current one.
 *
 * @throws FootmanError `conflict` when another rotation was faster
 */
export async function rotateKeys({ store, keyring }: Deps): Promise<Rotation> {
  const from = await currentSecretsKey(store.db);
  const key = keyring.add();
  await store.transaction((db) => makeCurrent(db, from, key.id));
  const unreadable: Place[] = [];
  let moved = 0;
  let after: string | undefined = '';
  while (after !== undefined) {
    const rows = await secretsOfOtherKeys(store.db, key.id, { after, limit: BATCH });
    const opened = rows.map((row) => ({ row, value: open(row) }));
    for (const { row, value } of opened) if (value === undefined) unreadable.push(placeOf(row));
    moved += await store.transaction((db) => reseal(db, key, opened));
    after = rows.at(-1)?.id;
  }
  keyring.forgetBefore(key.id, await sealingKeys(store.db));
  return { key: key.id, moved, unreadable };

  function open(row: Secret): string | undefined {
    const old = keyring.find(row.key_id);
    return old === undefined ? undefined : unseal(old, row, row.sealed);
  }
}

async function makeCurrent(db: Db, from: string | undefined, to: string): Promise<void> {
  const isCurrent =
    from === undefined ? (await firstSecretsKey(db, to)) === to : await changeSecretsKey(db, from, to);
  if (!isCurrent) throw overtaken();
}

interface Opened {
  row: Secret;
  /** Undefined where the key is lost. */
  value: string | undefined;
}

async function reseal(db: Db, key: Key, opened: readonly Opened[]): Promise<number> {
  if (!(await holdSecretsKey(db, key.id))) throw overtaken();
  let moved = 0;
  for (const { row, value } of opened) {
    if (value === undefined) continue;
    if (await resealSecret(db, row, { key_id: key.id, sealed: seal(key, row, value) })) moved += 1;
  }
  return moved;
}

function placeOf({ scope, name }: Secret): Place {
  return { scope, name };
}

function overtaken(): FootmanError {
  return new FootmanError('conflict', 'another rotation of the keys of secrets has begun, and takes over');
}
