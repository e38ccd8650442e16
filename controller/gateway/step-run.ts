import { toFootmanError } from '#shared/errors';
import type { AgentMessageOf, StepStart } from '#shared/protocol';
import type { Activity, AgentLink } from './activity.ts';
import type { LogSink } from './log-sink.ts';

/** How a step ended, and its log, which is on the disk. */
export interface StepReport {
  finished: AgentMessageOf<'step.finished'>;
  log: { bytes: number; lines: number };
}

export interface StepRun extends Activity {
  /** Resolves once, when the agent has told the result and the whole log is stored. Rejects when the disk fails. */
  report: Promise<StepReport>;
  /** SIGTERM now, SIGKILL after the grace. */
  cancel(graceMs: number): void;
}

interface Deps {
  start: StepStart;
  writer: LogSink;
  link: AgentLink;
}

/** The agent keeps what it sent until it is acknowledged, so acknowledging seldom costs nothing but its disk. */
const ACK_EVERY_BYTES = 512 * 1024;

/**
 * One step on one agent. Log frames are appended as they come, in order; a gap or a byte too many ends the connection, and the agent starts
 * again from what is stored. The result counts only once the log has all the bytes that the agent says it has (I4).
 */
export function createStepRun({ start, writer, link }: Deps): StepRun {
  const report = Promise.withResolvers<StepReport>();
  let acknowledged = writer.stored;
  let cancelGraceMs: number | undefined;

  return {
    report: report.promise,

    resume: () => [{ step: start.step, stream: start.stream, offset: writer.stored }],

    attached() {
      link.send(start);
      if (cancelGraceMs !== undefined) sendCancel(cancelGraceMs);
    },

    message(message) {
      if (message.type !== 'step.finished' || message.step !== start.step) return;
      const taken = writer.stored + writer.pending;
      if (taken !== message.logBytes) link.cut(`the log has ${taken} bytes of ${message.logBytes}`);
      else void finish(message);
    },

    log({ stream, offset, time, bytes }) {
      if (stream !== start.stream) return;
      // The bytes are a view of the socket's buffer, which is not used again.
      writer.append(offset, time, bytes as Buffer).then(acknowledge, refuse);
    },

    cancel(graceMs) {
      cancelGraceMs = graceMs;
      sendCancel(graceMs);
    },
  };

  function acknowledge(stored: number): void {
    if (stored - acknowledged < ACK_EVERY_BYTES) return;
    acknowledged = stored;
    link.send({ type: 'log.ack', stream: start.stream, offset: stored });
  }

  /** What the agent did wrong ends its connection; where the disk fails, the log has to be opened anew. */
  function refuse(thrown: unknown): void {
    const error = toFootmanError(thrown);
    if (error.code === 'protocol-violation') link.cut(error.message);
    else report.reject(thrown);
  }

  async function finish(finished: AgentMessageOf<'step.finished'>): Promise<void> {
    try {
      report.resolve({ finished, log: await writer.finish() });
    } catch (error) {
      report.reject(error);
    }
  }

  function sendCancel(graceMs: number): void {
    link.send({ type: 'step.cancel', step: start.step, graceMs });
  }
}
