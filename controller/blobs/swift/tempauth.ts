import type { TempAuth } from '../settings.ts';
import { expectStatus, finish, headerOf } from './answers.ts';
import type { Http } from './http.ts';
import type { Session } from './session.ts';

/** Where the answer doesn't say. */
const DEFAULT_LIFE_S = 3600;

export async function logInToTempAuth(
  { url, user, key }: TempAuth,
  http: Http,
  now: () => number,
  signal: AbortSignal,
): Promise<Session> {
  const headers = { 'x-auth-user': user, 'x-auth-key': key.value };
  const answer = await http({ method: 'GET', url, headers }, signal);
  await finish(await expectStatus(answer, `the login of ${user}`, 200, 204));
  const life = Number(answer.headers['x-auth-token-expires'] ?? DEFAULT_LIFE_S);
  return {
    token: headerOf(answer, 'x-auth-token'),
    storageUrl: headerOf(answer, 'x-storage-url').replace(/\/+$/, ''),
    expiresAt: now() + life * 1000,
  };
}
