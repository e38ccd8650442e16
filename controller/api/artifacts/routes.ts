import { manifestKeyOf } from '#controller/artifacts';
import { createContents, sumsOfArtifact } from '#controller/contents';
import { filesOfArtifact } from '#controller/store';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { requireArtifact, requireComplete } from './find.ts';
import { linkRoutes } from './link-routes.ts';
import { namedRoutes } from './named-routes.ts';
import { Artifact, ArtifactFiles, ArtifactParams, FileParams, FileQuery, FilesQuery } from './schema.ts';
import { sendStream } from './send-content.ts';
import { serveArchive, serveFile, type ServeDeps } from './serve.ts';
import { viewArtifact, viewFile } from './view.ts';

export function artifactRoutes(deps: ApiDeps): Route[] {
  const { db } = deps.store;
  const serve: ServeDeps = { db, blobs: deps.blobs, contents: createContents({ db, blobs: deps.blobs }) };
  // Names come first: a job may be called `files`.
  return [...namedRoutes(serve), ...linkRoutes(deps, serve), ...idRoutes(serve)];
}

function idRoutes(serve: ServeDeps): Route[] {
  const { db, blobs } = serve;
  return [
    jsonRoute({
      method: 'get',
      path: '/artifacts/{artifact}',
      summary: 'Shows an artifact.',
      role: 'read',
      params: ArtifactParams,
      answer: Artifact,
      handle: async ({ params }) => viewArtifact(await requireArtifact(db, params.artifact)),
    }),

    jsonRoute({
      method: 'get',
      path: '/artifacts/{artifact}/files',
      summary:
        'Lists the files of an artifact by path. They show all at once, when the artifact is complete.',
      role: 'read',
      params: ArtifactParams,
      query: FilesQuery,
      answer: ArtifactFiles,
      async handle({ params, query }) {
        const { id, state } = await requireArtifact(db, params.artifact);
        const files = state === 'complete' ? await filesOfArtifact(db, id, query) : [];
        const next = files.length === query.limit ? (files.at(-1)?.path ?? null) : null;
        return { files: files.map(viewFile), next };
      },
    }),

    streamRoute({
      method: 'get',
      path: '/artifacts/{artifact}/files/{path*}',
      summary:
        'Downloads a file, or the range of it that the Range header names. Repr-Digest has its SHA-256.',
      role: 'read',
      params: FileParams,
      query: FileQuery,
      answer: { status: 200, mediaType: 'application/octet-stream', description: 'The file.' },
      async handle({ params: { artifact, path }, query }, request, response) {
        const found = await requireArtifact(db, artifact);
        await serveFile(serve, found, { ...query, path }, request, response);
      },
    }),

    streamRoute({
      method: 'get',
      path: '/artifacts/{artifact}/archive',
      summary: 'Downloads all of an artifact: a tar, compressed by zstd where it is stored so.',
      role: 'read',
      params: ArtifactParams,
      query: FileQuery.pick({ redirect: true }),
      answer: { status: 200, mediaType: 'application/octet-stream', description: 'The archive.' },
      async handle({ params, query }, request, response) {
        await serveArchive(serve, await requireArtifact(db, params.artifact), query, request, response);
      },
    }),

    streamRoute({
      method: 'get',
      path: '/artifacts/{artifact}/SHA256SUMS',
      summary:
        'Digests of all files by their paths, as sha256sum checks them in a folder that has the artifact.',
      role: 'read',
      params: ArtifactParams,
      answer: { status: 200, mediaType: 'text/plain', description: 'A line for each file.' },
      async handle({ params }, request, response) {
        const artifact = await requireArtifact(db, params.artifact);
        requireComplete(artifact);
        const sums = { name: 'SHA256SUMS', type: 'text/plain; charset=utf-8' };
        await sendStream({ ...sums, content: () => sumsOfArtifact(db, artifact.id) }, request, response);
      },
    }),

    streamRoute({
      method: 'get',
      path: '/artifacts/{artifact}/manifest.json',
      summary: 'Says what the artifact consists of, and under which objects of the storage.',
      role: 'read',
      params: ArtifactParams,
      answer: { status: 200, mediaType: 'application/json', description: 'The manifest, as it is stored.' },
      async handle({ params }, request, response) {
        const artifact = await requireArtifact(db, params.artifact);
        requireComplete(artifact);
        async function* content(signal: AbortSignal): AsyncGenerator<Buffer> {
          const { stream } = await blobs.get(manifestKeyOf(artifact.id), {}, signal);
          yield* stream as AsyncIterable<Buffer>;
        }
        const manifest = { name: 'manifest.json', type: 'application/json' };
        await sendStream({ ...manifest, content }, request, response);
      },
    }),
  ];
}
