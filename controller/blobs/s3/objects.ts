import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import type { IncomingMessage } from 'node:http';
import { FootmanError } from '#shared/errors';
import { isKey } from '../blob-key.ts';
import { incomingBody } from '../body.ts';
import type { BlobContent, BlobInfo, Range } from '../contract.ts';
import { emptyRange, missesObject, rangeHeader, sizeIn } from '../ranges.ts';
import type { ObjectStore } from '../store.ts';
import { isRefusal } from './errors.ts';
import type { Place } from './place.ts';

type Objects = Pick<ObjectStore, 'get' | 'head' | 'remove' | 'list'>;

export function createObjects(place: Place): Objects {
  const { client, bucket, nameOf } = place;
  const at = (key: string) => ({ Bucket: bucket, Key: nameOf(key) });

  async function head(key: string, abortSignal: AbortSignal): Promise<BlobInfo | undefined> {
    try {
      const { ContentLength = 0 } = await client.send(new HeadObjectCommand(at(key)), { abortSignal });
      return { key, bytes: ContentLength };
    } catch (error) {
      if (!isRefusal(error, 404)) throw error;
      await checkBucket(abortSignal);
      return undefined;
    }
  }

  /** The answer to a HEAD has no body that tells a missing object from a missing bucket. */
  async function checkBucket(abortSignal: AbortSignal): Promise<void> {
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal });
    } catch (error) {
      if (!isRefusal(error, 404)) throw error;
      throw new FootmanError('storage-refused', `there is no bucket ${bucket}`, {
        hint: 'make the bucket, or correct its name in the configuration',
        cause: error,
      });
    }
  }

  async function get(key: string, range: Range | undefined, signal: AbortSignal): Promise<BlobContent> {
    if (range?.length === 0) return emptyRange(range, await head(key, signal));
    const command = new GetObjectCommand({
      ...at(key),
      ...(range !== undefined && { Range: rangeHeader(range) }),
    });
    const found = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      if (isRefusal(error, 'NoSuchKey')) throw new FootmanError('not-found', 'there is no such object');
      if (range !== undefined && isRefusal(error, 416)) throw missesObject(range);
      throw error;
    });
    const source = found.Body as IncomingMessage;
    const bytes = found.ContentLength ?? 0;
    const size = range === undefined ? bytes : sizeIn(found.ContentRange);
    if (size === undefined) {
      source.destroy();
      throw missesObject(range);
    }
    return { size, bytes, stream: incomingBody(source, bytes, place.idleTimeout, signal) };
  }

  async function remove(key: string, abortSignal: AbortSignal): Promise<void> {
    try {
      await client.send(new DeleteObjectCommand(at(key)), { abortSignal });
    } catch (error) {
      if (!isRefusal(error, 'NoSuchKey')) throw error;
    }
  }

  async function* list(prefix: string, abortSignal: AbortSignal): AsyncGenerator<BlobInfo> {
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: nameOf(prefix),
          MaxKeys: place.pageSize,
          ...(token !== undefined && { ContinuationToken: token }),
        }),
        { abortSignal },
      );
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        const key = place.keyOf(Key);
        if (isKey(key)) yield { key, bytes: Size };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  return { get, head, remove, list };
}
