import { createRedactor } from '#shared/masking';
import { formatBytes } from '#shared/quantity';
import { createLogFlow, type LogFlow, type LogLink } from './log-flow.ts';
import { createSpool } from './spool.ts';

/** The log of one step: what it prints, masked, spooled, and on its way to the controller. */
export interface StepLog {
  /** Takes what the step printed. The bytes must not change any more. */
  write(bytes: Buffer): void;
  /** Adds a line of the agent's own, marked as such, on a line of its own. */
  note(text: string): void;
  /** Nothing comes any more. `sent` is called once for each connection, when all of the log was sent on it. */
  end(sent: () => void): void;
  /** Bytes so far, after masking; those that are held back for it are not counted. */
  readonly length: number;
  readonly flow: Omit<LogFlow, 'grown' | 'end'>;
  /** Forgets the log. */
  remove(): void;
}

interface Options {
  stream: number;
  /** File to spool to. */
  path: string;
  secrets: readonly string[];
  /** Bytes after which the log ends with a marker. */
  limit: number;
  link: LogLink;
}

const NEWLINE = 0x0a;

export function createStepLog({ stream, path, secrets, limit, link }: Options): StepLog {
  const spool = createSpool(path);
  const flow = createLogFlow(stream, spool, link);
  const redactor = createRedactor(secrets);
  let isOver = false;
  let isInLine = false;

  return {
    write: (bytes) => keep(redactor.push(bytes)),
    note(text) {
      keep(redactor.flush());
      keep(redactor.push(line(text)));
      keep(redactor.flush());
    },
    end(sent) {
      keep(redactor.flush());
      flow.end(sent);
    },
    get length() {
      return spool.length;
    },
    flow,
    remove: () => spool.remove(),
  };

  function keep(bytes: Buffer): void {
    if (isOver || bytes.length === 0) return;
    const offset = spool.length;
    const within = bytes.subarray(0, limit - offset);
    const kept = spool.append(within);
    grown(offset, within.subarray(0, kept));
    if (kept < within.length) finish(`no space is left on the node to keep this log; the rest of it is lost`);
    else if (within.length < bytes.length) {
      finish(`log limit of ${formatBytes(limit)} reached; the rest is not kept`);
    }
  }

  /** The step goes on; its log does not. */
  function finish(reason: string): void {
    isOver = true;
    const offset = spool.length;
    const last = line(reason);
    spool.appendSmall(last);
    grown(offset, last);
  }

  function grown(offset: number, bytes: Buffer): void {
    if (bytes.length === 0) return;
    isInLine = bytes.at(-1) !== NEWLINE;
    flow.grown(offset, Date.now(), bytes);
  }

  function line(text: string): Buffer {
    return Buffer.from(`${isInLine ? '\n' : ''}[footman] ${text}\n`);
  }
}
