import * as z from 'zod';
import { FootmanError } from '#shared/errors';
import type { KeystoneAuth } from '../settings.ts';
import { expectStatus, headerOf, jsonOf } from './answers.ts';
import type { Http } from './http.ts';
import type { Session } from './session.ts';

const Token = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(
            z.object({ interface: z.string(), region: z.string().nullish(), url: z.string() }),
          ),
        }),
      )
      .default([]),
  }),
});
type Catalogue = z.infer<typeof Token>['token']['catalog'];

export async function logInToKeystone(auth: KeystoneAuth, http: Http, signal: AbortSignal): Promise<Session> {
  const answer = await http(
    {
      method: 'POST',
      url: `${auth.url.replace(/\/+$/, '')}/auth/tokens`,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ auth: loginOf(auth.login) })),
    },
    signal,
  );
  const { token } = await jsonOf(await expectStatus(answer, 'the login', 201), Token);
  return {
    token: headerOf(answer, 'x-subject-token'),
    storageUrl: storageUrlIn(token.catalog, auth),
    expiresAt: Date.parse(token.expires_at),
  };
}

function loginOf(login: KeystoneAuth['login']): object {
  if (login.kind === 'application') {
    const { id, secret } = login;
    return {
      identity: { methods: ['application_credential'], application_credential: { id, secret: secret.value } },
    };
  }
  const user = { name: login.user, domain: { name: login.userDomain }, password: login.password.value };
  return {
    identity: { methods: ['password'], password: { user } },
    scope: { project: { name: login.project, domain: { name: login.projectDomain } } },
  };
}

function storageUrlIn(catalogue: Catalogue, { region, interface: wanted }: KeystoneAuth): string {
  const endpoint = catalogue
    .filter(({ type }) => type === 'object-store')
    .flatMap(({ endpoints }) => endpoints)
    .find((found) => found.interface === wanted && (region === null || found.region === region));
  if (endpoint !== undefined) return endpoint.url.replace(/\/+$/, '');
  const where = region === null ? '' : ` in region ${region}`;
  throw new FootmanError('storage-refused', `Keystone's catalogue has no ${wanted} object store${where}`, {
    hint: 'check region and interface of the storage, and the roles of its user',
  });
}
