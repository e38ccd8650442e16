import { PutObjectCommand } from '@aws-sdk/client-s3';
import { sendContent } from './send-content.ts';
import type { BlobInfo } from '../contract.ts';
import type { Content } from '../store.ts';
import { chunksOf } from './chunks.ts';
import type { Place } from './place.ts';
import type { S3Uploads } from './uploads.ts';

/** Bytes that are held in memory of a stream whose size nobody knows: it is put in parts of so many. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** Puts an object at once; a stream of unknown size that is larger than a part comes in parts. */
export async function putObject(
  place: Place,
  uploads: S3Uploads,
  key: string,
  content: Content,
  bytes: number | undefined,
  signal: AbortSignal,
): Promise<BlobInfo> {
  if (bytes !== undefined) {
    await putWhole(place, key, content, bytes, signal);
    return { key, bytes };
  }
  const chunks = chunksOf(content as AsyncIterable<Uint8Array>, CHUNK_BYTES);
  const first = (await chunks.next()).value ?? Buffer.alloc(0);
  if (first.length < CHUNK_BYTES) {
    await putWhole(place, key, first, first.length, signal);
    return { key, bytes: first.length };
  }
  return uploads.putChunks(key, first, chunks, signal);
}

async function putWhole(
  { client, bucket, nameOf, encryption }: Place,
  key: string,
  content: Content,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const at = { Bucket: bucket, Key: nameOf(key), ContentLength: bytes };
  await sendContent(content, signal, (Body, abortSignal) =>
    client.send(new PutObjectCommand({ ...at, Body, ...encryption }), { abortSignal }),
  );
}
