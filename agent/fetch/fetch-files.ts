import { mapConcurrently } from '#shared/concurrently';
import type { PresignedRequest } from '#shared/protocol';
import { fetchFile, type FetchContext } from './fetch-file.ts';
import { pagesOf, type FetchedFile, type Page, type Pages } from './pages.ts';

/** Transfers at a time. */
const PARALLEL = 8;

/** Downloads all files, each an object of its own; links come when all files are there, so that none is written through one. */
export async function fetchFiles(pages: Pages, context: FetchContext, signal: AbortSignal): Promise<void> {
  const { place, meter } = context;
  const links: { path: string; link: string }[] = [];
  for await (const page of pagesOf(pages)) {
    const failing = new AbortController();
    const either = AbortSignal.any([signal, failing.signal]);
    await mapConcurrently(page.files, PARALLEL, async (fetched) => {
      const { path, link } = fetched.file;
      try {
        if (link === undefined) await fetchFile(fetched.file, requestsOf(fetched, page), context, either);
        else links.push({ path, link });
      } catch (error) {
        failing.abort(error);
        throw error;
      }
    });
  }
  for (const { path, link } of links) await place.link(path, link);
  await place.checkLinks();
  meter.done(links.length);

  function requestsOf({ file: { path }, request }: FetchedFile, { after }: Page) {
    if (request === undefined) return undefined;
    const renew = async (): Promise<PresignedRequest> => {
      const fresh = (await pages.page(after)).files.find(({ file }) => file.path === path)?.request;
      if (fresh === undefined) throw new Error(`${path} is not there any more`);
      return fresh;
    };
    return { request, renew };
  }
}
