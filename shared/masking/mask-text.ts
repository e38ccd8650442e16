import { createRedactor } from './redactor.ts';

/** Masks secrets in texts that leave the node beside the log: outputs, and sentences about what went wrong. */
export function createTextMask(secrets: readonly string[]): (text: string) => string {
  const redactor = createRedactor(secrets);
  return (text) => Buffer.concat([redactor.push(Buffer.from(text)), redactor.flush()]).toString('utf8');
}
