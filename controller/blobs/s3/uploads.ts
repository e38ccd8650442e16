import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  type CompletedPart,
  type Part,
} from '@aws-sdk/client-s3';
import { FootmanError } from '#shared/errors';
import { isKey } from '../blob-key.ts';
import type { BlobInfo, OpenUpload, Upload } from '../contract.ts';
import { partCount, partSize } from '../parts.ts';
import type { ObjectStore } from '../store.ts';
import { isRefusal } from './errors.ts';
import type { Place } from './place.ts';
import { sendContent } from './send-content.ts';

export interface S3Uploads extends Pick<
  ObjectStore,
  'begin' | 'putPart' | 'parts' | 'complete' | 'abort' | 'uploads'
> {
  /** Puts an object of unknown size in parts. */
  putChunks(key: string, first: Buffer, more: AsyncIterable<Buffer>, signal: AbortSignal): Promise<BlobInfo>;
}

export function createUploads(place: Place, head: ObjectStore['head']): S3Uploads {
  const { client, bucket, nameOf } = place;
  const at = ({ key, id }: Pick<Upload, 'key' | 'id'>) => ({
    Bucket: bucket,
    Key: nameOf(key),
    UploadId: id,
  });

  async function begin(key: string, abortSignal: AbortSignal): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      Bucket: bucket,
      Key: nameOf(key),
      ...place.encryption,
    });
    const { UploadId } = await client.send(command, { abortSignal });
    if (UploadId === undefined) throw new FootmanError('storage-refused', 'the storage named no upload');
    return UploadId;
  }

  const putPart: S3Uploads['putPart'] = async (upload, part, content, bytes, signal) => {
    const where = { ...at(upload), PartNumber: part, ContentLength: bytes };
    await sendContent(content, signal, (Body, abortSignal) =>
      client.send(new UploadPartCommand({ ...where, Body }), { abortSignal }),
    ).catch(unlessEnded);
  };

  async function* partsOf(
    upload: Pick<Upload, 'key' | 'id'>,
    abortSignal: AbortSignal,
  ): AsyncGenerator<Part> {
    let marker: string | undefined;
    do {
      const command = new ListPartsCommand({
        ...at(upload),
        MaxParts: place.pageSize,
        ...(marker !== undefined && { PartNumberMarker: marker }),
      });
      const page = await client.send(command, { abortSignal });
      yield* page.Parts ?? [];
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
  }

  async function wholeParts(upload: Upload, signal: AbortSignal): Promise<Map<number, Part>> {
    const whole = new Map<number, Part>();
    for await (const part of partsOf(upload, signal)) {
      const number = part.PartNumber ?? 0;
      if (number <= partCount(upload) && part.Size === partSize(upload, number)) whole.set(number, part);
    }
    return whole;
  }

  async function complete(upload: Upload, signal: AbortSignal): Promise<BlobInfo> {
    try {
      const whole = await wholeParts(upload, signal);
      const parts = Array.from({ length: partCount(upload) }, (_, index): CompletedPart => {
        const part = whole.get(index + 1);
        if (part === undefined) {
          throw new FootmanError(
            'request-invalid',
            `part ${index + 1} of the object is missing, or has not its size`,
          );
        }
        return { PartNumber: index + 1, ETag: part.ETag };
      });
      await join(upload, parts, signal);
    } catch (error) {
      if (!isEnded(error)) throw error;
      const info = await head(upload.key, signal);
      if (info?.bytes !== upload.bytes) throw uploadEnded(error);
    }
    return { key: upload.key, bytes: upload.bytes };
  }

  async function join(
    upload: Pick<Upload, 'key' | 'id'>,
    parts: CompletedPart[],
    abortSignal: AbortSignal,
  ): Promise<void> {
    const command = new CompleteMultipartUploadCommand({ ...at(upload), MultipartUpload: { Parts: parts } });
    await client.send(command, { abortSignal });
  }

  const abort: S3Uploads['abort'] = async (upload, abortSignal) => {
    try {
      await client.send(new AbortMultipartUploadCommand(at(upload)), { abortSignal });
    } catch (error) {
      if (!isEnded(error)) throw error;
    }
  };

  async function* uploads(prefix: string, abortSignal: AbortSignal): AsyncGenerator<OpenUpload> {
    let markers: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (markers !== undefined) {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket: bucket,
        Prefix: nameOf(prefix),
        MaxUploads: place.pageSize,
        ...markers,
      });
      const page = await client.send(command, { abortSignal });
      for (const { Key = '', UploadId: id = '', Initiated } of page.Uploads ?? []) {
        const key = place.keyOf(Key);
        if (isKey(key)) yield { key, id, startedAt: Initiated?.getTime() ?? 0 };
      }
      markers =
        page.IsTruncated === true
          ? { KeyMarker: page.NextKeyMarker ?? '', UploadIdMarker: page.NextUploadIdMarker ?? '' }
          : undefined;
    }
  }

  async function putChunks(
    key: string,
    first: Buffer,
    more: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<BlobInfo> {
    const upload = { key, id: await begin(key, signal) };
    try {
      const parts: CompletedPart[] = [];
      let bytes = 0;
      const send = async (chunk: Buffer): Promise<void> => {
        const command = new UploadPartCommand({ ...at(upload), PartNumber: parts.length + 1, Body: chunk });
        const { ETag } = await client.send(command, { abortSignal: signal });
        parts.push({ PartNumber: parts.length + 1, ETag });
        bytes += chunk.length;
      };
      await send(first);
      for await (const chunk of more) await send(chunk);
      await join(upload, parts, signal);
      return { key, bytes };
    } catch (error) {
      // Where even that fails, a sweep finds it. The caller's signal may have been what ended it.
      await abort(upload, AbortSignal.timeout(place.idleTimeout)).catch(() => undefined);
      throw error;
    }
  }

  return {
    begin: (key, _shape, signal) => begin(key, signal),
    putPart,
    parts: async (upload, signal) => [...(await wholeParts(upload, signal).catch(unlessEnded)).keys()],
    complete,
    abort,
    uploads,
    putChunks,
  };
}

function unlessEnded(error: unknown): never {
  throw isEnded(error) ? uploadEnded(error) : error;
}

/** Swift takes an upload that was completed for a missing object. */
function isEnded(error: unknown): boolean {
  return isRefusal(error, 'NoSuchUpload', 'NoSuchKey');
}

function uploadEnded(cause: unknown): FootmanError {
  return new FootmanError('not-found', 'there is no such upload: it was completed or given up', { cause });
}
