import { printJson, type Context } from './context.ts';
import { formatTable } from './terminal/index.ts';

interface Table {
  header: readonly string[];
  rows: readonly (readonly string[])[];
  /** What is said to people where there are no rows. */
  none: string;
}

/** A list as the command line shows it: a table, or the API's own JSON. */
export async function printTable(
  context: Context,
  answer: unknown,
  { header, rows, none }: Table,
): Promise<void> {
  const { out, style, options } = context;
  if (options.json === true) return printJson(context, answer);
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
  else if (out.isTerminal) await out.write(`${none}\n`);
}
