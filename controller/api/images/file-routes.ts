import { Readable } from 'node:stream';
import { holdOfVersion } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { requireVersion } from './find.ts';
import { ImageExport, ImageVersion, ImportQuery, VersionParams } from './schema.ts';
import { viewVersion } from './view.ts';

/** How long the link to an exported image is good. */
const LINK_MS = 60 * 60_000;

/** Calls that move whole images: out of a cloud into a file, and back. */
export function fileRoutes({ store, blobs, clock, exports }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'post',
      path: '/images/versions/{version}/export',
      summary: 'Writes a version into a file, unless that was done before, and answers where to download it.',
      // Whoever held a machine may take its image elsewhere.
      role: 'develop',
      params: VersionParams,
      answer: ImageExport,
      async handle({ params }, response) {
        const { id, name } = await requireVersion(store.db, params.version);
        const { actor, isAdmin } = doerOf(response);
        if (!isAdmin && (await holdOfVersion(store.db, id))?.owner !== actor) throw notYours(name);
        const { blob, bytes, sha256, fileName } = await exports.export(id, disconnected(response));
        const { url } = await blobs.presign({ method: 'GET', key: blob, expiresIn: LINK_MS });
        return { url, bytes, sha256, fileName, expiresAt: clock.now() + LINK_MS };
      },
    }),

    streamRoute({
      method: 'post',
      path: '/images/import',
      summary: 'Makes the newest version of a stream of a file. It is verified, and promoted by hand.',
      role: 'admin',
      query: ImportQuery,
      body: { mediaType: 'application/octet-stream', description: 'What an export has written.' },
      answer: { status: 201, schema: ImageVersion },
      async handle({ query }, request, response) {
        // A refusal must not end the request: it is told.
        const content = Readable.from(request.iterator({ destroyOnReturn: false }), { objectMode: false });
        const { id } = await exports.import(query, content, disconnected(response));
        response.status(201).json(await viewVersion(store.db, await requireVersion(store.db, id)));
      },
    }),
  ];
}

function notYours(name: string): FootmanError {
  return new FootmanError('forbidden', `image version ${name} is of no machine that you held`, {
    hint: 'an administrator can export every image',
  });
}
