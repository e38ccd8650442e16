import { messageOf } from '#shared/errors';
import type { AgentMessageOf, ControllerMessageOf } from '#shared/protocol';
import type { Transport } from '../http/index.ts';
import type { Link } from '../link/index.ts';
import { createMeter } from '../meter/index.ts';
import { fetchArchive } from './fetch-archive.ts';
import { fetchFiles } from './fetch-files.ts';
import { createPages } from './pages.ts';
import { createPlace } from './place.ts';

/** One artifact on its way into the workspace. */
export interface Fetch {
  /** The order came again, over a new connection. */
  again(order: ControllerMessageOf<'fetch.begin'>): void;
  files(message: ControllerMessageOf<'fetch.files'>): void;
  stop(): void;
}

interface Deps {
  order: ControllerMessageOf<'fetch.begin'>;
  workspace: string;
  transport: Transport;
  link: Pick<Link, 'send'>;
}

export function createFetch({ order, workspace, transport, link }: Deps): Fetch {
  const { fetch } = order;
  const stopping = new AbortController();
  const { signal } = stopping;
  const pages = createPages({ fetch, link, signal });
  let latest = order;
  let finished: AgentMessageOf<'fetch.finished'> | undefined;
  void run();

  return {
    again(message) {
      latest = message;
      if (finished === undefined) pages.askAgain();
      else link.send(finished);
    },
    files: pages.take,
    stop: () => stopping.abort(),
  };

  async function run(): Promise<void> {
    const patience = transport.patience();
    const meter = createMeter(
      (progress) => link.send({ type: 'fetch.progress', fetch, ...progress }),
      () => patience.trouble,
    );
    let problem: string | undefined;
    try {
      const context = { place: await createPlace(workspace, order.path), transport, patience, meter };
      const { archive } = order;
      if (archive === undefined) await fetchFiles(pages, context, signal);
      else
        await fetchArchive(pages, archive, () => latest.archive?.request ?? archive.request, context, signal);
    } catch (error) {
      problem = messageOf(error).slice(0, 4096);
    } finally {
      meter.stop();
    }
    if (signal.aborted) return;
    const { files, bytes } = meter;
    finished = { type: 'fetch.finished', fetch, files, bytes, ...(problem !== undefined && { problem }) };
    link.send(finished);
  }
}
