import type { Clock } from '#controller/clock';
import type { Logs, LogWriter } from '#controller/logs';
import type { Build, Job, Step } from '#controller/store';

/** The log of a step that the controller takes itself: what it says there, line by line. */
export interface Notes {
  line(text: string): void;
  /** The log is complete; resolves with what it has. */
  finish(): Promise<{ bytes: number; lines: number }>;
  /** Nothing is written any more, by this life of the controller. */
  release(): void;
}

interface Deps {
  logs: Logs;
  clock: Clock;
  build: Pick<Build, 'id'>;
  job: Pick<Job, 'id'>;
  step: Pick<Step, 'id'>;
}

/** Goes on where an earlier life of the controller stopped. */
export async function openNotes({ logs, clock, build, job, step }: Deps): Promise<Notes> {
  const writer: LogWriter = await logs.open({ build: build.id, job: job.id, step: step.id });
  return {
    line(text) {
      const offset = writer.stored + writer.pending;
      // A disk that fails shows when the log is finished.
      writer.append(offset, clock.now(), Buffer.from(`${text}\n`)).catch(() => undefined);
    },
    finish: () => writer.finish(),
    release: () => void writer.release(),
  };
}
