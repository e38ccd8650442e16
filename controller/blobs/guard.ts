import type { PresignedRequest } from '#shared/protocol';
import { checkKey, checkPrefix } from './blob-key.ts';
import { checkContent } from './checked-content.ts';
import type { Blobs, Expected, PresignOptions, Uploads } from './contract.ts';
import { checkShape, partCount, partSize } from './parts.ts';
import type { Content, ObjectStore } from './store.ts';

/** The contract over a storage: nothing gets to it, and no error from it, that was not looked at. `presign` is what the controller makes of a request. */
export function guard(
  store: ObjectStore,
  presign: (options: PresignOptions) => Promise<PresignedRequest>,
): Blobs {
  const { limits } = store;

  async function guarded<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      signal.throwIfAborted();
      throw store.explain(error);
    }
  }

  async function* listed<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
    signal.throwIfAborted();
    try {
      for await (const item of items) {
        yield item;
        signal.throwIfAborted();
      }
    } catch (error) {
      signal.throwIfAborted();
      throw store.explain(error);
    }
  }

  /** What broke off is told as what it was, not as what the storage said to that. */
  async function sent<T>(
    content: Content,
    expected: Expected,
    signal: AbortSignal,
    act: (content: Content) => Promise<T>,
  ): Promise<T> {
    const checked = checkContent(content, expected, signal);
    return guarded(signal, () => act(checked.content)).catch((error: unknown) => {
      const failure = checked.failure();
      throw failure === undefined ? error : failure.cause;
    });
  }

  const uploads: Uploads = {
    async begin(key, shape, signal) {
      checkKey(key);
      checkShape(shape, limits);
      return guarded(signal, () => store.begin(key, shape, signal));
    },
    async putPart(upload, part, content, signal) {
      checkKey(upload.key);
      const bytes = partSize(upload, part);
      await sent(content, { bytes }, signal, (checked) =>
        store.putPart(upload, part, checked, bytes, signal),
      );
    },
    async parts(upload, signal) {
      checkKey(upload.key);
      const stored = await guarded(signal, () => store.parts(upload, signal));
      return stored.filter((part) => part <= partCount(upload)).sort((a, b) => a - b);
    },
    async complete(upload, signal) {
      checkKey(upload.key);
      return guarded(signal, () => store.complete(upload, signal));
    },
    async abort(upload, signal) {
      checkKey(upload.key);
      await guarded(signal, () => store.abort(upload, signal));
    },
    list(prefix, signal) {
      checkPrefix(prefix);
      return listed(store.uploads(prefix, signal), signal);
    },
  };

  return {
    limits,
    uploads,
    async put(key, content, expected, signal) {
      checkKey(key);
      const bytes = content instanceof Uint8Array ? content.length : expected.bytes;
      return sent(content, expected, signal, (checked) => store.put(key, checked, bytes, signal));
    },
    async get(key, { range }, signal) {
      checkKey(key);
      return guarded(signal, () => store.get(key, range, signal));
    },
    async head(key, signal) {
      checkKey(key);
      return guarded(signal, () => store.head(key, signal));
    },
    async remove(key, signal) {
      checkKey(key);
      await guarded(signal, () => store.remove(key, signal));
    },
    list(prefix, signal) {
      checkPrefix(prefix);
      return listed(store.list(prefix, signal), signal);
    },
    async presign(options) {
      if ('upload' in options) {
        checkKey(options.upload.key);
        partSize(options.upload, options.part);
      } else {
        checkKey(options.key);
      }
      return presign(options).catch((error: unknown) => {
        throw store.explain(error);
      });
    },
  };
}
