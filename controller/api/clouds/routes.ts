import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { CloudList } from './schema.ts';
import { surveyOf } from './survey.ts';
import { viewCloud } from './view.ts';
import { z } from 'zod';

export function cloudRoutes(deps: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/clouds',
      summary:
        'Lists the clouds and their templates: labels, nodes, quotas, how quickly and how well they start.',
      role: 'read',
      query: z.strictObject({}),
      answer: CloudList,
      async handle() {
        const survey = await surveyOf(deps);
        return { clouds: deps.fleet.clouds().map((cloud) => viewCloud(cloud, survey, deps)) };
      },
    }),
  ];
}
