import type { LogWriter } from '#controller/logs';

/** What a step's run needs of its log. */
export type LogSink = Pick<LogWriter, 'stored' | 'pending' | 'append' | 'finish'>;

/**
 * A log that is still being opened: what comes meanwhile waits, in order. For a step that has not run yet, whose log can only be empty, so
 * that opening files does not stand between a job and its first step.
 */
export function openedLater(opening: Promise<LogWriter>): LogSink {
  let writer: LogWriter | undefined;
  let waiting = 0;
  opening.then(
    (opened) => (writer = opened),
    () => undefined,
  );

  return {
    get stored() {
      return writer?.stored ?? 0;
    },
    get pending() {
      return (writer?.pending ?? 0) + waiting;
    },
    async append(offset, time, bytes) {
      if (writer !== undefined) return writer.append(offset, time, bytes);
      waiting += bytes.length;
      const opened = await opening;
      waiting -= bytes.length;
      return opened.append(offset, time, bytes);
    },
    finish: async () => (await opening).finish(),
  };
}
