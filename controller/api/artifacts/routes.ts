import { filesOfArtifact, findArtifact, findFile, type Artifact, type Db } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { sendFile } from './send-file.ts';
import { ArtifactFiles, ArtifactParams, FileParams, FilesQuery } from './schema.ts';
import { viewFile } from './view.ts';

export function artifactRoutes({ store, blobs }: ApiDeps): Route[] {
  return [
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
        const artifact = await requireArtifact(store.db, params.artifact);
        const files = isVisible(artifact) ? await filesOfArtifact(store.db, artifact.id, query) : [];
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
      answer: { status: 200, mediaType: 'application/octet-stream', description: 'The file.' },
      async handle({ params }, request, response) {
        const artifact = await requireArtifact(store.db, params.artifact);
        const file = isVisible(artifact) ? await findFile(store.db, artifact.id, params.path) : undefined;
        if (file === undefined) {
          throw new FootmanError(
            'not-found',
            `artifact ${artifact.name} has no file ${JSON.stringify(params.path)}`,
          );
        }
        await sendFile(blobs, file, request, response);
      },
    }),
  ];
}

async function requireArtifact(db: Db, id: string): Promise<Artifact> {
  const artifact = await findArtifact(db, id);
  if (artifact === undefined) throw new FootmanError('not-found', `there is no artifact ${id}`);
  return artifact;
}

function isVisible({ state }: Artifact): boolean {
  return state === 'complete';
}
