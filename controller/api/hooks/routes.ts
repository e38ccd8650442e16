import { FootmanError } from '#shared/errors';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { streamRoute, type Route } from '../http/route.ts';
import { createRefusalCounter } from './limit-refusals.ts';
import { createBodyReader } from './read-body.ts';

/** As loose as can be: a name that no project may have gets the answer of one that no project has. */
const HookParams = z.strictObject({ project: z.string().max(200) });

const HookAnswer = z
  .object({
    state: z.enum(['accepted', 'known', 'pong']).meta({
      description:
        'accepted: it is kept and will be processed; known: it is already here; pong: it only asked.',
    }),
    message: z.string(),
  })
  .meta({ id: 'HookAnswer' });

const ANSWERS = {
  accepted: { status: 202, message: 'it will be processed' },
  known: { status: 200, message: 'it is already here' },
  pong: { status: 200, message: 'webhooks arrive here' },
} as const;

export function hookRoutes({ receiver }: ApiDeps): Route[] {
  const bodies = createBodyReader();
  const countRefusal = createRefusalCounter();
  return [
    streamRoute({
      method: 'post',
      path: '/hooks/{project}',
      summary:
        'Takes a webhook of GitHub, GitLab, Gitea or Forgejo. It is signed with the secret of the project.',
      role: 'anyone',
      params: HookParams,
      body: { mediaType: 'application/json', description: 'The event, as the service sends it.' },
      answer: { status: 202, schema: HookAnswer },
      async handle({ params: { project } }, request, response) {
        const body = await bodies.read(request);
        try {
          const { kind } = await receiver.receive({ project, headers: request.headers, body });
          const { status, message } = ANSWERS[kind];
          response.status(status).json({ state: kind, message } satisfies z.input<typeof HookAnswer>);
        } catch (error) {
          if (!(error instanceof FootmanError) || error.code !== 'unauthenticated') throw error;
          throw await countRefusal(request, response, error);
        }
      },
    }),
  ];
}
