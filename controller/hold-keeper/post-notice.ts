import { createHmac } from 'node:crypto';
import type { HoldSettings } from '#controller/config';
import type { HoldNotice } from '#controller/store';

/**
 * Posts the notice as JSON. Where there is a secret, `X-Footman-Signature-256` is `sha256=` and the hexadecimal HMAC of the body, as GitHub signs
 * its deliveries. The same notice always has the same `X-Footman-Delivery`.
 *
 * @throws Error where it was not taken, which never names the address: that may be a secret itself
 */
export async function postNotice(
  { url, secret }: NonNullable<HoldSettings['webhook']>,
  { id, notice }: HoldNotice,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify({ id, ...notice });
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'footman',
    'x-footman-delivery': id,
    ...(secret !== null && { 'x-footman-signature-256': signatureOf(body, secret) }),
  };
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal }).catch(
    (error: unknown) => {
      throw signal.aborted ? error : new Error('it could not be reached');
    },
  );
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
}

function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
