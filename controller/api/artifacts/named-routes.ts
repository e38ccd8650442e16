import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { requireArtifactOfBuild, requireLatestArtifact } from './find.ts';
import {
  Artifact,
  FileOfBuildParams,
  FileOfLatestParams,
  FileOfLatestQuery,
  FileQuery,
  LatestParams,
  LatestQuery,
  OfBuildParams,
} from './schema.ts';
import { serveFile, type ServeDeps } from './serve.ts';
import { viewArtifact } from './view.ts';

const FILE = { status: 200, mediaType: 'application/octet-stream', description: 'The file.' } as const;

/** Addresses that can be told before there is anything behind them: for scripts, and for other systems. */
export function namedRoutes(serve: ServeDeps): Route[] {
  const { db } = serve;
  return [
    jsonRoute({
      method: 'get',
      path: '/artifacts/builds/{build}/{job}/{name}',
      summary: "Shows the artifact of that name which the last attempt at a build's job left.",
      role: 'read',
      params: OfBuildParams,
      answer: Artifact,
      handle: async ({ params }) => viewArtifact(await requireArtifactOfBuild(db, params)),
    }),

    streamRoute({
      method: 'get',
      path: '/artifacts/builds/{build}/{job}/{name}/{path*}',
      summary: 'Downloads a file of that artifact.',
      role: 'read',
      params: FileOfBuildParams,
      query: FileQuery,
      answer: FILE,
      async handle({ params, query }, request, response) {
        const artifact = await requireArtifactOfBuild(db, params);
        await serveFile(serve, artifact, { ...query, path: params.path }, request, response);
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/artifacts/latest/{job}/{name}',
      summary: 'Shows the complete artifact of the newest build of a pipeline and branch that succeeded.',
      role: 'read',
      params: LatestParams,
      query: LatestQuery,
      answer: Artifact,
      handle: async ({ params, query }) => viewArtifact(await requireLatestArtifact(db, params, query)),
    }),

    streamRoute({
      method: 'get',
      path: '/artifacts/latest/{job}/{name}/{path*}',
      summary: 'Downloads a file of that artifact.',
      role: 'read',
      params: FileOfLatestParams,
      query: FileOfLatestQuery,
      answer: FILE,
      async handle({ params, query }, request, response) {
        const artifact = await requireLatestArtifact(db, params, query);
        await serveFile(serve, artifact, { ...query, path: params.path }, request, response);
      },
    }),
  ];
}
