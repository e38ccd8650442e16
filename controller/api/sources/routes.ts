import type { Request } from 'express';
import { sourceKey } from '#controller/projects';
import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { streamRoute, type Route } from '../http/route.ts';
import { NewSource, UploadQuery } from './schema.ts';

const MAX_SOURCE_BYTES = 2 * 1024 ** 3;

export function sourceRoutes({ blobs, maxSourceBytes = MAX_SOURCE_BYTES }: ApiDeps): Route[] {
  return [
    streamRoute({
      method: 'post',
      path: '/sources',
      summary:
        'Uploads a git bundle that builds can check out. The answer is what POST /builds takes as `source`.',
      role: 'develop',
      query: UploadQuery,
      body: { mediaType: 'application/octet-stream', description: 'The git bundle.' },
      answer: { status: 201, schema: NewSource },
      async handle({ query }, request, response) {
        const { sha256, commit, ref = null } = query;
        const declared = request.headers['content-length'];
        if (declared !== undefined && Number(declared) > maxSourceBytes) throw tooLarge(maxSourceBytes);
        const content = limited(request, maxSourceBytes);
        const stored = await blobs.put(sourceKey(sha256), content, { sha256 }, disconnected(response));
        response.status(201).json({ sha256, bytes: stored.bytes, commit, ref } satisfies NewSource);
      },
    }),
  ];
}

/** The bytes as they come, at most so many. */
async function* limited(request: Request, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > most) throw tooLarge(most);
    yield piece;
  }
}

function tooLarge(most: number): FootmanError {
  return new FootmanError('too-large', `a source may have at most ${formatBytes(most)}`, {
    hint: 'let the job check out its repository by itself: `checkout: { repository: … }`',
  });
}
