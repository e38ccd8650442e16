import type { Response } from 'express';
import { FootmanError } from '#shared/errors';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { NewSecret, Secret, SecretList, SecretParams, SecretQuery, SecretRotation } from './schema.ts';
import { viewSecret } from './view.ts';

/** Even the names are for administrators only: they tell where to dig. Who changed what goes to the controller's log. */
export function secretRoutes({ secrets, logger }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/secrets',
      summary: 'Lists secrets, without their values, by scope and name.',
      role: 'admin',
      answer: SecretList,
      handle: async () => ({ secrets: (await secrets.list()).map(viewSecret) }),
    }),

    jsonRoute({
      method: 'put',
      path: '/secrets/{name}',
      summary: 'Sets a secret. It takes the place of the one of that name in that scope.',
      role: 'admin',
      params: SecretParams,
      body: NewSecret,
      answer: Secret,
      async handle({ params, body }, response) {
        const secret = await secrets.set({ ...body, ...params });
        note(response, 'a secret was set', { scope: secret.scope, name: secret.name, debug: secret.debug });
        return viewSecret(secret);
      },
    }),

    jsonRoute({
      method: 'delete',
      path: '/secrets/{name}',
      summary: 'Removes a secret, and answers with what there was.',
      role: 'admin',
      params: SecretParams,
      query: SecretQuery,
      answer: Secret,
      async handle({ params: { name }, query: { scope } }, response) {
        const secret = await secrets.remove({ scope, name });
        if (secret === undefined)
          throw new FootmanError('not-found', `there is no secret ${name} (${scope})`);
        note(response, 'a secret was removed', { scope, name });
        return viewSecret(secret);
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/secrets/rotate',
      summary: 'Seals all secrets with a new key, and forgets the old ones.',
      role: 'admin',
      answer: SecretRotation,
      async handle(_call, response) {
        const rotation = await secrets.rotate();
        const { key, moved, unreadable } = rotation;
        note(response, "the secrets' key was rotated", { key, moved, unreadable: unreadable.length });
        return rotation;
      },
    }),
  ];

  function note(response: Response, message: string, what: object): void {
    logger.info({ caller: callerOf(response).subject, ...what }, message);
  }
}
