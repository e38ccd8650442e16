import type { IncomingMessage } from 'node:http';
import type { Artifact, ArtifactFile, ArtifactFiles, Link, NewLink } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { queryOf } from './query.ts';
import { resuming } from './retry.ts';
import type { Call, Transport } from './transport.ts';

/** The part of the API that knows what jobs left. */
export interface ArtifactsClient {
  show(artifactId: string): Promise<Artifact>;
  /** By path. */
  files(artifactId: string): AsyncIterable<ArtifactFile>;
  /** A file's bytes from the offset on, over lost connections: it goes on where it was. Nothing checks them. */
  content(
    artifactId: string,
    file: Pick<ArtifactFile, 'path' | 'sha256'>,
    offset: number,
    signal: AbortSignal,
  ): AsyncIterable<Buffer>;
  /** A range of a file, as the header `Range` has it (`0-99`, `-100`). */
  range(artifactId: string, path: string, range: string, signal: AbortSignal): Promise<IncomingMessage>;
  /** Its URL is a whole one. */
  link(artifactId: string, link: NewLink): Promise<Link>;
}

interface Deps extends Pick<Transport, 'resolve' | 'send'> {
  read: <T>(call: Call) => Promise<T>;
}

export function createArtifactsClient({ read, resolve, send }: Deps): ArtifactsClient {
  return {
    show: (artifactId) => read({ path: `/artifacts/${artifactId}` }),
    files,
    content,
    range: (artifactId, path, range, signal) =>
      send({ path: filePath(artifactId, path), headers: { range: `bytes=${range}` }, signal }),
    async link(artifactId, link) {
      const path = `/artifacts/${artifactId}/links`;
      const made = await read<Link>({ method: 'POST', path, json: link });
      return { ...made, url: resolve(made.url) };
    },
  };

  async function* files(artifactId: string): AsyncGenerator<ArtifactFile> {
    let after: string | undefined;
    do {
      const path = `/artifacts/${artifactId}/files${queryOf({ after })}`;
      const page: ArtifactFiles = await read({ path });
      yield* page.files;
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  async function* content(
    artifactId: string,
    { path, sha256 }: Pick<ArtifactFile, 'path' | 'sha256'>,
    offset: number,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    let at = offset;
    async function* open(connected: () => void): AsyncGenerator<Buffer> {
      const headers = at === 0 ? {} : { range: `bytes=${at}-`, 'if-range': `"${sha256}"` };
      const answer = await send({ path: filePath(artifactId, path), headers, signal });
      if (at > 0 && answer.statusCode !== 206) {
        answer.destroy();
        throw new FootmanError(
          'protocol-violation',
          `the controller does not go on with ${path} where it was`,
        );
      }
      for await (const bytes of answer as AsyncIterable<Buffer>) {
        // Not before: one that always breaks off here would be tried for ever.
        connected();
        at += bytes.length;
        yield bytes;
      }
      if (!answer.complete) throw new Error('the answer was cut off');
    }
    yield* resuming(open, { signal });
  }
}

function filePath(artifactId: string, path: string): string {
  return `/artifacts/${artifactId}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}
