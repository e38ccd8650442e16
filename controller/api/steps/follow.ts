import type { Journal } from '#controller/events';
import type { LogId, Logs } from '#controller/logs';
import { findStep, type Store } from '#controller/store';

interface Deps {
  store: Store;
  journal: Journal;
  logs: Logs;
}

interface Place {
  step: string;
  log: LogId;
  /** First byte, from 0. */
  offset: number;
}

/**
 * The log from an offset on, until the step has ended. Most logs are completed before their step ends; the log of a step that was skipped,
 * or whose agent was lost, never is, so that the step's end counts too: what is stored by then is all there will be.
 */
export async function* followStep(
  deps: Deps,
  { step, log, offset }: Place,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { store, journal, logs } = deps;
  const ended = new AbortController();
  const unsubscribe = journal.subscribe((changes) => {
    if (changes.some(({ kind, data }) => kind === 'step' && data.id === step && data.state === 'finished'))
      ended.abort();
  });
  let at = offset;
  try {
    // After subscribing, so that an end in between is not missed.
    if ((await findStep(store.db, step))?.state === 'finished') ended.abort();
    for await (const bytes of logs.follow(log, { offset }, AbortSignal.any([signal, ended.signal]))) {
      at += bytes.length;
      yield bytes;
    }
    return;
  } catch (error) {
    if (!ended.signal.aborted || signal.aborted) throw error;
  } finally {
    unsubscribe();
  }
  yield* (await logs.read(log, { offset: at }, signal)).content;
}
