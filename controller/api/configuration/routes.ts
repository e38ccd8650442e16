import { hideSecrets, toDocument } from '#controller/config';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { Configuration, ConfigurationCheck, ConfigurationOutlook, NewConfiguration } from './schema.ts';
import { mistakesIn, refusalOf } from './view.ts';

export function configurationRoutes({ reloader }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/configuration',
      summary: "Shows the configuration that runs, in the file's own keys, without secrets.",
      role: 'admin',
      answer: Configuration,
      handle: () => ({ file: reloader.file, document: hideSecrets(toDocument(reloader.running())) }),
    }),

    jsonRoute({
      method: 'post',
      path: '/configuration/check',
      summary: 'Says what another configuration, or the file as it is now, would change. Changes nothing.',
      role: 'admin',
      body: NewConfiguration,
      answer: ConfigurationCheck,
      async handle({ body: { text } }) {
        try {
          return { problems: [], ...(await reloader.check(text)) };
        } catch (error) {
          const problems = mistakesIn(error);
          if (problems === undefined) throw error;
          return { problems, changes: [], effects: [] };
        }
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/configuration/reload',
      summary: 'Reads the file again and applies what a running controller can change, or nothing.',
      role: 'admin',
      answer: ConfigurationOutlook,
      async handle(_call, response) {
        try {
          return await reloader.reload(callerOf(response).subject);
        } catch (error) {
          throw refusalOf(error);
        }
      },
    }),
  ];
}
