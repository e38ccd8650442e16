import type { SwiftSettings } from '../settings.ts';
import type { ObjectStore } from '../store.ts';
import { createAccount } from './account.ts';
import { createContainer } from './container.ts';
import { createHttp } from './http.ts';
import { createNames } from './names.ts';
import { createObjects } from './objects.ts';
import type { Place } from './place.ts';
import { presign } from './presign.ts';
import { createSessions } from './sessions.ts';
import { createUploads } from './uploads.ts';

const GIB = 1024 ** 3;
/** As Swift has them where nobody changed them. */
const LIMITS = {
  putBytes: 5 * GIB,
  leastPartBytes: 1,
  mostPartBytes: 5 * GIB,
  parts: 1000,
  signsSize: false,
};

interface Options {
  secret: string | Buffer;
  now: () => number;
  idleTimeout: number;
  pageSize: number;
}

/** Objects in a container, which is made if it is missing. */
export function createSwiftStore(settings: SwiftSettings, options: Options): ObjectStore {
  const { now, idleTimeout } = options;
  const http = createHttp(idleTimeout);
  const account = createAccount(http, createSessions(settings.auth, http, now));
  const container = createContainer(account, settings.container, options);
  const names = createNames(settings.prefix);
  const place: Place = { account, container, names, idleTimeout };
  const objects = createObjects(place);
  const { instead, ...uploads } = createUploads(place, objects);
  return {
    ...uploads,
    limits: LIMITS,
    get: objects.get,
    list: objects.list,
    async put(key, content, bytes, signal) {
      await container.make(signal);
      return {
        key,
        bytes: await instead(key, signal, () => objects.put(names.object(key), content, bytes, signal)),
      };
    },
    async head(key, signal) {
      const found = await objects.find(key, signal);
      return found && { key, bytes: found.bytes };
    },
    remove: (key, signal) => instead(key, signal, () => objects.remove(names.object(key), signal)),
    presign: (request) => presign(place, settings, request, now()),
    explain: (error) => error,
  };
}
