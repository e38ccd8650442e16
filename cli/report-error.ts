import type { Problem } from '#controller/api';
import { FootmanError, toFootmanError } from '#shared/errors';
import { AnswerError } from './client/index.ts';
import type { Context } from './context.ts';
import { harmless } from './terminal/index.ts';

/** Tells the error on standard error, and returns the exit code that it means. */
export async function reportError({ err, errStyle }: Context, thrown: unknown): Promise<number> {
  const error = toFootmanError(thrown);
  const lines = [`${errStyle.paint('red', 'footman:')} ${shown(error.message)}`];
  if (error instanceof AnswerError) {
    for (const { file, line, column, path, job, message, hint } of newsIn(error)) {
      const place = file === undefined ? (job ?? path) : `${file}:${line ?? 1}:${column ?? 1}`;
      lines.push(
        shown(
          `  ${place === undefined ? '' : `${place}: `}${message}${hint === undefined ? '' : ` (${hint})`}`,
        ),
      );
    }
  }
  const hint = error.hint ?? hintOfOnly(error);
  if (hint !== undefined) lines.push(`${errStyle.paint('cyan', 'hint:')} ${shown(hint)}`);
  if (error.code === 'internal' && !(thrown instanceof FootmanError)) lines.push(traceOf(thrown));
  await err.write(`${lines.join('\n')}\n`);
  return error.exit;
}

/** Sentences name what strangers have named. */
function shown(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

function hintOfOnly(error: FootmanError): string | undefined {
  return error instanceof AnswerError && newsIn(error).length === 0 ? error.problems[0]?.hint : undefined;
}

/** A single problem may be all that the error's sentence says already. */
function newsIn({ message, problems }: AnswerError): readonly Problem[] {
  const [only, ...others] = problems;
  return others.length === 0 && only?.file === undefined && message.endsWith(only?.message ?? '')
    ? []
    : problems;
}

/** Nobody foresaw it: whoever mends it wants to know where it came from. */
function traceOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.stack !== undefined ? thrown.stack : String(thrown);
}
