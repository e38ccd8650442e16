import { registerKey, removeKey } from '#controller/holds';
import { keysOfUser, type UserKey as UserKeyRow } from '#controller/store';
import { callerOf, doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { FingerprintParams, NewUserKey, UserKey, UserKeyList } from './schema.ts';

/** Keys of whoever calls, which open what they hold. */
export function profileRoutes({ store, journal }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/keys',
      summary: "Lists the caller's own keys.",
      role: 'read',
      answer: UserKeyList,
      async handle(_call, response) {
        const owner = callerOf(response).subject;
        return { owner, keys: (await keysOfUser(store.db, owner)).map(viewUserKey) };
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/keys',
      summary: 'Registers a public key, which opens what the caller holds from now on.',
      role: 'develop',
      body: NewUserKey,
      answer: UserKey,
      status: 201,
      handle: async ({ body }, response) =>
        viewUserKey(await registerKey(journal, callerOf(response).subject, body.key, doerOf(response))),
    }),

    jsonRoute({
      method: 'delete',
      path: '/keys/{fingerprint*}',
      summary: "Removes one of the caller's own keys, and revokes it where they hold nodes.",
      role: 'develop',
      params: FingerprintParams,
      answer: UserKey,
      async handle({ params: { fingerprint } }, response) {
        const owner = callerOf(response).subject;
        return viewUserKey(await removeKey(journal, owner, fingerprint, doerOf(response)));
      },
    }),
  ];
}

function viewUserKey({ fingerprint, key, comment, added_at: addedAt }: UserKeyRow): UserKey {
  return { fingerprint, key, comment, addedAt };
}
