import type { Readable } from 'node:stream';
import type { Blobs } from '#controller/blobs';
import type { CloudImages } from '#controller/clouds';
import type { Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { findVersion, type ImageVersion, type Store, type VersionState } from '#controller/store';
import { abortable } from '#shared/abortable';
import { FootmanError } from '#shared/errors';
import { findExport, removeExports, storeExport, type ExportedFile } from './export-image.ts';
import { importImage, type ImportTarget } from './import-image.ts';

/** Images as files: to take along, to keep elsewhere, to bring back. */
export interface Exports {
  /**
   * The version's image as one file in the blob store, made on the first call; it goes with its version. Of several calls at once, one makes
   * it.
   *
   * @throws FootmanError `not-found`, or `conflict` for a version that has no image
   */
  export(versionId: string, signal: AbortSignal): Promise<ExportedFile>;
  /**
   * Makes a new version of the file, which is verified, and waits for somebody to promote it. `content` is read to its end, or destroyed.
   *
   * @throws FootmanError `not-found` for an unknown template, and what the cloud throws
   */
  import(target: ImportTarget, content: Readable, signal: AbortSignal): Promise<ImageVersion>;
}

interface Deps {
  store: Store;
  journal: Journal;
  blobs: Blobs;
  fleet: Pick<Fleet, 'connection' | 'template'>;
}

const HAVE_IMAGES: ReadonlySet<VersionState> = new Set(['candidate', 'verifying', 'ready', 'retired']);

export function createExports({ store, journal, blobs, fleet }: Deps): Exports {
  const underWay = new Map<string, Promise<unknown>>();

  return {
    async export(id, signal) {
      const version = await requireVersion(id);
      for (let other = underWay.get(id); other !== undefined; other = underWay.get(id))
        await abortable(
          other.catch(() => undefined),
          signal,
        );
      const file = findOrStore(version, signal);
      underWay.set(id, file);
      try {
        return await file;
      } finally {
        underWay.delete(id);
      }
    },

    async import(target, content, signal) {
      try {
        const { cloud, template } = target;
        if (fleet.template(cloud, template) === undefined)
          throw new FootmanError('not-found', `there is no template ${cloud}/${template}`, {
            hint: 'footman clouds lists them',
          });
        return await importImage(journal, requireImages(cloud), target, content, signal);
      } finally {
        content.destroy();
      }
    },
  };

  async function findOrStore(version: ImageVersion, signal: AbortSignal): Promise<ExportedFile> {
    const known = await findExport(blobs, version, signal);
    if (known !== undefined) return known;
    const file = await storeExport(blobs, requireImages(version.cloud), version, signal);
    try {
      await requireVersion(version.id);
    } catch (error) {
      // It went meanwhile, and its files before this one was there.
      await removeExports(blobs, version.id, signal);
      throw error;
    }
    return file;
  }

  /** One that has an image. */
  async function requireVersion(id: string): Promise<ImageVersion> {
    const version = await findVersion(store.db, id);
    if (version === undefined) throw new FootmanError('not-found', `there is no image version ${id}`);
    if (!HAVE_IMAGES.has(version.state))
      throw new FootmanError('conflict', `${version.name} has no image to export: it is ${version.state}`);
    return version;
  }

  function requireImages(name: string): CloudImages {
    const cloud = fleet.connection(name);
    if (cloud === undefined) throw new FootmanError('not-found', `cloud ${name} is not configured`);
    if (cloud.images === undefined) throw new FootmanError('conflict', `cloud ${name} keeps no images`);
    return cloud.images;
  }
}
