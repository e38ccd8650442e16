import { formatDuration } from '#shared/quantity';
import type { Outcome } from '#simulator/run';

/** The outcomes as Markdown tables, padded so that they read well on a terminal too: what jobs had of it, and what it took. */
export function toTable(outcomes: readonly Outcome[]): string {
  return [WAITS, NODES, RUN].map((columns) => tableOf(columns, outcomes)).join('\n');
}

interface Column {
  heading: string;
  cell(outcome: Outcome): string;
}

const POLICY: Column = { heading: 'policy', cell: ({ policy }) => policy };

const WAITS: readonly Column[] = [
  POLICY,
  { heading: 'jobs', cell: ({ jobs }) => count(jobs) },
  { heading: 'cold', cell: ({ coldStarts }) => `${(100 * coldStarts).toFixed(1)} %` },
  { heading: 'wait: mean', cell: ({ waits }) => formatDuration(waits.mean) },
  { heading: 'p50', cell: ({ waits }) => formatDuration(waits.p50) },
  { heading: 'p90', cell: ({ waits }) => formatDuration(waits.p90) },
  { heading: 'p95', cell: ({ waits }) => formatDuration(waits.p95) },
  { heading: 'p99', cell: ({ waits }) => formatDuration(waits.p99) },
  { heading: 'max', cell: ({ waits }) => formatDuration(waits.max) },
  { heading: 'unplaced', cell: ({ errored }) => count(errored.unplaced) },
  { heading: 'lost', cell: ({ errored }) => count(errored.lost) },
];

const NODES: readonly Column[] = [
  POLICY,
  { heading: 'node-hours: busy', cell: ({ nodeHours }) => count(nodeHours.busy) },
  { heading: 'idle', cell: ({ nodeHours }) => count(nodeHours.idle) },
  { heading: 'starting', cell: ({ nodeHours }) => count(nodeHours.starting) },
  { heading: 'removing', cell: ({ nodeHours }) => count(nodeHours.removing) },
  { heading: 'cost', cell: ({ cost }) => cost.toFixed(2) },
  { heading: 'most nodes', cell: ({ mostNodes }) => count(mostNodes) },
];

const RUN: readonly Column[] = [
  POLICY,
  { heading: 'launches', cell: ({ launches }) => count(launches) },
  { heading: 'failed', cell: ({ failures }) => count(failures) },
  { heading: 'no room', cell: ({ aborted }) => count(aborted) },
  { heading: 'leaks', cell: ({ leaks }) => count(leaks) },
  { heading: 'broken promises', cell: ({ violations }) => count(violations.length) },
  { heading: 'simulated in', cell: ({ wallMs }) => formatDuration(wallMs) },
];

function tableOf(columns: readonly Column[], outcomes: readonly Outcome[]): string {
  const lines = [
    columns.map(({ heading }) => heading),
    ...outcomes.map((one) => columns.map(({ cell }) => cell(one))),
  ];
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  // Figures stand to the right, as they are compared.
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return lines
    .toSpliced(1, 0, rule)
    .map(
      (cells) => `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |\n`,
    )
    .join('');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
