import { abortable } from '#shared/abortable';
import type { ControllerMessageOf, FetchFiles } from '#shared/protocol';
import type { Link } from '../link/index.ts';

export type FetchedFile = FetchFiles['files'][number];

export interface Page {
  after: string | null;
  files: FetchedFile[];
  last: boolean;
}

/** The list of the files, of which the controller tells a page at a time. */
export interface Pages {
  /** The page after this path, asked for until it comes; the same page again has requests that are fresh. */
  page(after: string | null): Promise<Page>;
  /** There is a new connection: what was asked for is asked again. */
  askAgain(): void;
  take(message: ControllerMessageOf<'fetch.files'>): void;
}

interface Deps {
  fetch: string;
  link: Pick<Link, 'send'>;
  signal: AbortSignal;
}

export function createPages({ fetch, link, signal }: Deps): Pages {
  const asked = new Map<string | null, PromiseWithResolvers<Page>>();

  return {
    page(after) {
      let answer = asked.get(after);
      if (answer === undefined) {
        answer = Promise.withResolvers();
        asked.set(after, answer);
        ask(after);
      }
      return abortable(answer.promise, signal);
    },
    askAgain() {
      for (const after of asked.keys()) ask(after);
    },
    take({ after, files, last }) {
      asked.get(after)?.resolve({ after, files, last });
      asked.delete(after);
    },
  };

  function ask(after: string | null): void {
    link.send({ type: 'fetch.next', fetch, after });
  }
}

/** All pages in their order. The next one is asked for while this one is used. */
export async function* pagesOf(pages: Pages): AsyncGenerator<Page> {
  let ahead: Promise<Page> | undefined = pages.page(null);
  while (ahead !== undefined) {
    const page: Page = await ahead;
    const last = page.files.at(-1)?.file.path;
    ahead = page.last || last === undefined ? undefined : pages.page(last);
    ahead?.catch(() => undefined);
    yield page;
  }
}
