import type { Connection } from '../connection/index.ts';
import type { Context } from '../context.ts';

/** Nodes that a cloud can't remove in this time are left for the controller's next start. */
const DRAIN_MS = 60_000;

/** Time after which people want to know why it takes so long. */
const NOTICE_MS = 2_000;
const WAITING = 'footman: nodes are still there; an interrupt leaves them to the next start\n';

interface Leaving {
  connection: Connection;
  /** The number of this command's own build, if it came to one. */
  last: number | undefined;
  context: Context;
  /** Aborts when nobody wants to wait any more. */
  signal: AbortSignal;
}

/**
 * Ends the connection. A controller that ran for this command alone takes its nodes with it; other commands may have found it meanwhile and
 * sent it newer builds: those end first.
 */
export async function leave({ connection, last, context, signal }: Leaving): Promise<void> {
  const { client, embedded, close } = connection;
  let notice: NodeJS.Timeout | undefined;
  try {
    if (embedded === undefined || last === undefined) return;
    for (const state of ['queued', 'running'] as const) {
      const { builds } = await client.builds({ state, limit: 200 });
      for (const { id, number } of builds) {
        if (number <= last) continue;
        await context.err.write(
          `footman: build ${number}, which another command sent here, has to end first\n`,
        );
        for await (const { kind, data } of client.eventsOfBuild(id, signal)) {
          if (kind === 'build' && data.state === 'finished') break;
        }
      }
    }
    notice = setTimeout(() => void context.err.write(WAITING), NOTICE_MS);
    await embedded.drain(AbortSignal.any([signal, AbortSignal.timeout(DRAIN_MS)]));
  } catch (error) {
    if (!(error instanceof Error) || (error.name !== 'AbortError' && error.name !== 'TimeoutError'))
      throw error;
    await context.err.write('footman: nodes are left to the next start\n');
  } finally {
    clearTimeout(notice);
    await close();
  }
}
