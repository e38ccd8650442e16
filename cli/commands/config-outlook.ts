import type { ConfigurationOutlook } from '#controller/api';
import type { Context } from '../context.ts';
import { formatTable } from '../terminal/index.ts';

const COLOURS = { now: 'green', restart: 'yellow', refused: 'red' } as const;

/** Columns: what it takes, or `effect`; what it is; why a reload does not apply it. */
export async function printOutlook(
  { out, style }: Context,
  { changes, effects }: ConfigurationOutlook,
): Promise<void> {
  const rows = [
    ...changes.map(({ takes, sentence, why }) => [style.paint(COLOURS[takes], takes), sentence, why ?? '']),
    ...effects.map(({ sentence }) => [style.paint('cyan', 'effect'), sentence, '']),
  ];
  if (rows.length > 0) {
    await out.write(formatTable(['takes', 'change', 'why'], rows, { isTerminal: out.isTerminal, style }));
  }
}
