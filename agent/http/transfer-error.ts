/** A transfer that came to nothing. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  /** It is the storage's trouble, or that of the way to it, and may pass. */
  readonly again: boolean;

  constructor(message: string, again: boolean, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.again = again;
  }
}
