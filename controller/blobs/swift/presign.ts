import { createHmac } from 'node:crypto';
import type { PresignedRequest } from '#shared/protocol';
import type { PresignOptions } from '../contract.ts';
import type { SwiftSettings } from '../settings.ts';
import { CONNECT_TIMEOUT_MS } from '../timeouts.ts';
import type { Place } from './place.ts';
import { within } from './within.ts';

/** Time to log in and read the container's key, in milliseconds; both are known after the first link. */
const PATIENCE_MS = 3 * CONNECT_TIMEOUT_MS;

/** A temporary URL. It signs method, object and expiry, and neither size nor digest. */
export async function presign(
  { account, container, names }: Place,
  { urlKey, publicEndpoint }: Pick<SwiftSettings, 'urlKey' | 'publicEndpoint'>,
  options: PresignOptions,
  now: number,
): Promise<Omit<PresignedRequest, 'relay'>> {
  const [storageUrl, key] = await within(PATIENCE_MS, async (signal) => [
    (await account.session(signal)).storageUrl,
    urlKey?.value ?? (await container.urlKey(signal)),
  ]);
  const name = 'upload' in options ? names.part(options.upload, options.part) : names.object(options.key);
  const url = new URL(storageUrl + container.path(name));
  const expires = Math.ceil((now + options.expiresIn) / 1000);
  const signed = `${options.method}\n${expires}\n${decodeURIComponent(url.pathname)}`;
  const query = new URLSearchParams({
    temp_url_sig: createHmac('sha256', key).update(signed).digest('hex'),
    temp_url_expires: String(expires),
  });
  if ('filename' in options && options.filename !== undefined) query.set('filename', options.filename);
  const target = publicEndpoint === null ? url : new URL(url.pathname, publicEndpoint);
  return { method: options.method, url: `${target.href}?${query.toString()}`, headers: {} };
}
