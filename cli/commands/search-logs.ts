import type { Job, Step } from '#controller/api';
import type { Client, LogMatch, LogSearch } from '../client/index.ts';
import type { Context } from '../context.ts';
import { labelOf } from '../run/index.ts';
import { printable } from '../terminal/index.ts';

/** As grep(1) has it. */
const NOTHING_FOUND = 1;

/** Shows the lines with the text, each with its number; those of several steps under lines that name them. */
export async function searchLogs(
  context: Context,
  client: Client,
  where: Step | readonly Job[],
  search: LogSearch,
): Promise<number> {
  if ('id' in where) return (await showMatches(context, client, where, search)) ? 0 : NOTHING_FOUND;
  let isFound = false;
  for (const job of where) {
    for (const step of job.steps.filter(({ startedAt }) => startedAt !== null)) {
      const name = `${context.style.paint('bold', `==> ${labelOf(job)}: ${step.name} <==`)}\n`;
      if (await showMatches(context, client, step, search, name)) isFound = true;
    }
  }
  return isFound ? 0 : NOTHING_FOUND;
}

/** False where there are none; then nothing is shown, not even the title. */
async function showMatches(
  context: Context,
  client: Client,
  { id }: Step,
  search: LogSearch,
  title = '',
): Promise<boolean> {
  const { out } = context;
  let isFound = false;
  for await (const match of client.searchLog(id, search, out.closed)) {
    await out.write((isFound ? '' : title) + lineFor(context, match));
    isFound = true;
  }
  return isFound;
}

function lineFor({ out, style }: Context, { line, text, isCut }: LogMatch): string {
  const shown = out.isTerminal ? forTerminal(text) : text;
  return `${style.paint('dim', `${line + 1}:`)}${shown}${isCut ? ' …' : ''}\n`;
}

/** Colours that a line begins may end in another. */
function forTerminal(text: string): string {
  const shown = Buffer.from(printable(Buffer.from(text).toString('latin1')), 'latin1').toString();
  return shown.includes('\x1b') ? `${shown}\x1b[0m` : shown;
}
