import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { FootmanError } from '#shared/errors';
import type { Account } from './account.ts';
import { expectStatus, finish, jsonOf } from './answers.ts';
import type { HttpAnswer } from './http.ts';

const Listing = z.array(z.object({ name: z.string(), bytes: z.number(), last_modified: z.string() }));
export type Listed = z.infer<typeof Listing>[number];

/** The container of all objects. */
export interface Container {
  /** The path of an object below the account. */
  path(name: string): string;
  /** Makes it, where it isn't there. */
  make(signal: AbortSignal): Promise<void>;
  /** @throws FootmanError `storage-refused` where it isn't there */
  check(signal: AbortSignal): Promise<void>;
  /** The key that signs links: its own, or one that is set on it. */
  urlKey(signal: AbortSignal): Promise<string>;
  /** Names that start with `prefix`, in the order of their bytes, up to `end`. */
  list(prefix: string, end: string | undefined, signal: AbortSignal): AsyncIterable<Listed>;
}

const URL_KEY_HEADERS = ['x-container-meta-temp-url-key', 'x-container-meta-temp-url-key-2'];

export function createContainer(
  account: Account,
  name: string,
  { secret, pageSize }: { secret: string | Buffer; pageSize: number },
): Container {
  const root = `/${encodeURIComponent(name)}`;
  let isThere = false;
  let key: string | undefined;

  async function check(signal: AbortSignal): Promise<void> {
    const answer = await look(signal);
    if (answer.status === 404) throw new FootmanError('storage-refused', `there is no container ${name}`);
  }

  async function look(signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await account.ask({ method: 'HEAD', path: root }, signal);
    return finish(await expectStatus(answer, `HEAD ${root}`, 200, 204, 404));
  }

  async function make(signal: AbortSignal): Promise<void> {
    if (isThere) return;
    if ((await look(signal)).status === 404) {
      const answer = await account.ask({ method: 'PUT', path: root }, signal);
      await finish(await expectStatus(answer, `PUT ${root}`, 201, 202));
    }
    isThere = true;
  }

  async function presentKey(signal: AbortSignal): Promise<string | undefined> {
    const { headers } = await look(signal);
    return URL_KEY_HEADERS.map((header) => headers[header]).find((value) => typeof value === 'string');
  }

  async function setKey(signal: AbortSignal): Promise<string> {
    // All controllers of a storage make the same one: none takes it away from another.
    const key = createHmac('sha256', secret).update(`temp-url ${name}`).digest('hex');
    const headers = { 'x-container-meta-temp-url-key': key };
    const answer = await account.ask({ method: 'POST', path: root, headers }, signal);
    await finish(await expectStatus(answer, 'setting the key that signs links', 204, 202));
    return key;
  }

  return {
    path: (object) => `${root}/${object.split('/').map(encodeURIComponent).join('/')}`,
    make,
    check,
    async urlKey(signal) {
      await make(signal);
      key ??= (await presentKey(signal)) ?? (await setKey(signal));
      return key;
    },
    async *list(prefix, end, signal) {
      let marker = '';
      for (;;) {
        const query = new URLSearchParams({ format: 'json', prefix, marker, limit: String(pageSize) });
        if (end !== undefined) query.set('end_marker', end);
        const answer = await account.ask({ method: 'GET', path: `${root}?${query.toString()}` }, signal);
        const page = await jsonOf(await expectStatus(answer, `GET ${root}`, 200), Listing);
        yield* page;
        const last = page.at(-1);
        if (last === undefined || page.length < pageSize) return;
        marker = last.name;
      }
    },
  };
}
