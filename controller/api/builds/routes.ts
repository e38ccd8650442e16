import { cancelBuild, rerunBuild, sentByHand, submitBuild } from '#controller/builds';
import type { Tx } from '#controller/events';
import { wishOf } from '#controller/holds';
import { createLabelMatcher } from '#controller/matching';
import { listBuilds } from '#controller/store';
import { callerOf, doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { toRequest } from '../holds/request.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { toBuildSource } from '../sources/build-source.ts';
import { checkLabels } from './labels.ts';
import { requireBuild } from './find.ts';
import { readParameters, readPipeline } from './read-pipeline.ts';
import {
  Build,
  BuildList,
  BuildParams,
  BuildQuery,
  BuildSummary,
  Cancellation,
  NewBuild,
  RerunRequest,
} from './schema.ts';
import { summarise, viewBuild } from './view.ts';

export function buildRoutes({ store, journal, blobs, fleet, reloader, submitDefaults }: ApiDeps): Route[] {
  const matcher = createLabelMatcher();

  return [
    jsonRoute({
      method: 'post',
      path: '/builds',
      summary: 'Starts a build of a pipeline.',
      role: 'develop',
      body: NewBuild,
      answer: BuildSummary,
      status: 201,
      async handle({ body }, response) {
        const pipeline = readPipeline(body);
        checkLabels(pipeline, fleet.templates(), matcher);
        const source = await toBuildSource(blobs, body.source);
        const parameters = readParameters(pipeline, body);
        const actor = callerOf(response).subject;
        const submission = sentByHand({ pipeline, file: body.file, source, parameters, actor });
        return summarise(await submitBuild(journal, submission, submitDefaults));
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/builds',
      summary: 'Lists builds, the newest first.',
      role: 'read',
      query: BuildQuery,
      answer: BuildList,
      async handle({ query }) {
        const builds = await listBuilds(store.db, query);
        const next = builds.length === query.limit ? (builds.at(-1)?.number ?? null) : null;
        return { builds: builds.map(summarise), next };
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/builds/{build}',
      summary: 'Shows a build with its jobs, steps and artifacts.',
      role: 'read',
      params: BuildParams,
      answer: Build,
      handle: async ({ params }) => viewBuild(store.db, await requireBuild(store.db, params.build)),
    }),

    jsonRoute({
      method: 'post',
      path: '/builds/{build}/cancel',
      summary:
        'Asks a build to stop. Its jobs end when their agents say so; asked again, also those that watch the end.',
      role: 'develop',
      params: BuildParams,
      body: Cancellation,
      answer: BuildSummary,
      async handle({ params, body }, response) {
        const { id } = await requireBuild(store.db, params.build);
        const reason = body.reason ?? `cancelled by ${callerOf(response).subject}`;
        return summarise(await cancelBuild(journal, id, { reason, force: body.force }));
      },
    }),

    jsonRoute({
      method: 'post',
      path: '/builds/{build}/rerun',
      summary: 'Repeats a finished build, or a part of it, with the same inputs, as a new build.',
      role: 'develop',
      params: BuildParams,
      body: RerunRequest,
      answer: BuildSummary,
      status: 201,
      async handle({ params, body: { hold, ...rerun } }, response) {
        const { id } = await requireBuild(store.db, params.build);
        const { actor } = doerOf(response);
        const settings = reloader.running().holds;
        const wishIn =
          hold && ((tx: Tx) => wishOf(tx, settings, toRequest(hold), { actor, origin: 'rerun' }));
        return summarise(await rerunBuild(journal, id, rerun, submitDefaults, wishIn));
      },
    }),
  ];
}
