import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { ArtifactFile } from '#shared/protocol';
import { archiveKeyOf, blobKeyOf, manifestKeyOf, sumsKeyOf } from './blob-key.ts';

/** What an artifact consists of: files that are objects of their own, or that are in one archive. */
export interface Content {
  files: readonly ArtifactFile[];
  archive: { bytes: number; sha256: string } | null;
}

/** An object of an artifact that the controller writes. */
export interface Written {
  key: string;
  content: Buffer;
}

/**
 * The manifest, and the sums of all objects, itself included: `sha256sum -c SHA256SUMS` checks a copy of them. The same for the same content,
 * so that writing them again changes nothing.
 *
 * Objects are named relative to the manifest. Of a file in an archive, `offset` is where its bytes begin in the tar; a link has neither.
 */
export function manifestOf(id: string, name: string, { files, archive }: Content): [Written, Written] {
  const described = files
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
    .map((file) => ({
      path: file.path,
      bytes: file.bytes,
      sha256: file.sha256,
      mode: file.mode,
      // What is undefined is left out.
      link: file.link,
      object: hasObject(file, archive) ? basename(blobKeyOf(id, file)) : undefined,
      offset: archive === null ? undefined : file.offset,
    }));
  const archived = archive && { object: basename(archiveKeyOf(id)), ...archive };
  const text = JSON.stringify({ artifact: id, name, archive: archived, files: described }, null, 1);
  const manifest = { key: manifestKeyOf(id), content: Buffer.from(`${text}\n`) };
  const sums = [
    ...(archived === null ? [] : [{ object: archived.object, sha256: archived.sha256 }]),
    ...described.flatMap(({ object, sha256 }) => (object === undefined ? [] : [{ object, sha256 }])),
    { object: basename(manifest.key), sha256: createHash('sha256').update(manifest.content).digest('hex') },
  ];
  const lines = sums.map(({ object, sha256 }) => `${sha256}  ${object}\n`);
  return [manifest, { key: sumsKeyOf(id), content: Buffer.from(lines.join('')) }];
}

/** Whether the file's bytes are an object of its own. */
export function hasObject({ link }: Pick<ArtifactFile, 'link'>, archive: Content['archive']): boolean {
  return archive === null && link === undefined;
}
