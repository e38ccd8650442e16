import type { Result, Row } from '../row.ts';
import { describeMachine } from './machine.ts';
import { toTable } from './table.ts';

const INTRODUCTION = `<!-- Written by \`npm run bench -- --write\`; change test/bench instead. -->

# How fast is Footman?

Measured by \`npm run bench\` against a controller as users start it (\`footman serve\`, in a process of its own), over HTTP, side by side
with a floor: the least that the same machine needs for the same work, taken in turns in the same run.

A cell is a median; in parentheses the quartiles (half of the samples lie between them) and the number of samples. Samples of a warm-up
are thrown away. The ratio is that of the medians.
`;

const PEERS = `Figures of others were measured on a machine of the same kind with two cores, each in its own default configuration.
`;

/** The whole of docs/development/performance.md. */
export function toDocument(rows: readonly Row[], results: readonly Result[]): string {
  return [
    INTRODUCTION,
    describeMachine(),
    toTable(results),
    '## What is measured\n',
    PEERS,
    ...rows.map(toSection),
  ].join('\n');
}

function toSection({ number, title, explanation, peers }: Row): string {
  const paragraphs = peers === undefined ? [explanation] : [explanation, `Others: ${peers}`];
  return `### ${number}. ${title}\n\n${paragraphs.join('\n\n')}\n`;
}
