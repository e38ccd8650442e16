import { CATALOGUE, type Actor, type ErrorCode } from './catalogue.ts';

interface Options {
  /** What the reader can do about it, as one sentence. */
  hint?: string;
  cause?: unknown;
}

/** An error that is meant for a reader: a code of the catalogue, a sentence that helps, and the cause. */
export class FootmanError extends Error {
  override readonly name = 'FootmanError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: Options = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** HTTP status of the answer that carries this error. */
  get status(): number {
    return CATALOGUE[this.code].status;
  }

  /** Exit code of a command that ends with this error. */
  get exit(): number {
    return CATALOGUE[this.code].exit;
  }

  get actor(): Actor {
    return CATALOGUE[this.code].actor;
  }
}

/** The value as an error for a reader; what nobody foresaw becomes `internal` and keeps its cause. */
export function toFootmanError(thrown: unknown): FootmanError {
  if (thrown instanceof FootmanError) return thrown;
  return new FootmanError('internal', messageOf(thrown), { cause: thrown });
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The same, with what the reader can do about it in parentheses. */
export function adviceOf(thrown: unknown): string {
  const message = messageOf(thrown);
  return thrown instanceof FootmanError && thrown.hint !== undefined
    ? `${message} (${thrown.hint})`
    : message;
}
