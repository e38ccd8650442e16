import { requireFile } from '#controller/contents';
import { audit } from '#controller/events';
import { findArtifact } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { fileNameOf } from './file-name.ts';
import { requireArtifact, requireComplete } from './find.ts';
import { createLinkTokens } from './link-tokens.ts';
import { ArtifactParams, FileQuery, Link, LinkParams, NewLink } from './schema.ts';
import { serveArchive, serveFile, type ServeDeps } from './serve.ts';

/** Where links lead; the token and a name for the download follow. */
const SHARED = '/artifacts/shared';

export function linkRoutes({ keys, clock, journal }: ApiDeps, serve: ServeDeps): Route[] {
  const tokens = createLinkTokens(keys, clock);
  return [
    jsonRoute({
      method: 'post',
      path: '/artifacts/{artifact}/links',
      summary: 'Makes a link that is good for whoever has it, until it expires. It can not be taken back.',
      role: 'develop',
      params: ArtifactParams,
      body: NewLink,
      answer: Link,
      status: 201,
      async handle({ params, body }, response) {
        const artifact = await requireArtifact(serve.db, params.artifact);
        requireComplete(artifact);
        const { path = null } = body;
        if (path !== null) await requireFile(serve.db, artifact, path);
        const actor = callerOf(response).subject;
        const expiresAt = Math.floor((clock.now() + body.for) / 1000) * 1000;
        const data = { name: artifact.name, path, expiresAt };
        await journal.commit((tx) =>
          audit(tx, { actor, action: 'artifact.shared', subject: artifact.id, data }),
        );
        const token = tokens.sign({ artifactId: artifact.id, path, actor, expiresAt });
        const ending = artifact.archive === null ? 'tar' : 'tar.zst';
        const name = fileNameOf(path ?? `${artifact.name}.${ending}`);
        response.setHeader('Cache-Control', 'no-store');
        return { url: `/api/v1${SHARED}/${token}/${encodeURIComponent(name)}`, expiresAt };
      },
    }),

    streamRoute({
      method: 'get',
      path: `${SHARED}/{token}/{name}`,
      summary: 'Downloads what a link opens.',
      role: 'anyone',
      params: LinkParams,
      query: FileQuery,
      answer: {
        status: 200,
        mediaType: 'application/octet-stream',
        description: 'The file, or the archive.',
      },
      async handle({ params, query }, request, response) {
        const { artifactId, path } = tokens.verify(params.token);
        const artifact = await findArtifact(serve.db, artifactId);
        if (artifact === undefined)
          throw new FootmanError('gone', 'what this link opens was removed with its build');
        if (path === null) await serveArchive(serve, artifact, query, request, response);
        else await serveFile(serve, artifact, { ...query, path }, request, response);
      },
    }),
  ];
}
