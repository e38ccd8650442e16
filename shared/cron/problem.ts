/** Why an expression is refused, and where in its text (UTF-16 units). It never leaves this folder as an exception. */
export class CronProblem extends Error {
  readonly index: number;
  readonly hint: string | undefined;

  constructor(message: string, index: number, hint?: string) {
    super(message);
    this.index = index;
    this.hint = hint;
  }
}
