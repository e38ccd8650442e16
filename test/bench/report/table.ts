import type { Measurement, Result, Target, Unit } from '../row.ts';
import { summarise, type Summary } from '../statistics.ts';

const HEADINGS = ['what', 'Footman', 'floor', 'ratio', 'target', 'met'];

/** The results as a Markdown table, padded so that it reads well on a terminal too. */
export function toTable(results: readonly Result[]): string {
  const lines = [HEADINGS, ...results.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  return lines
    .toSpliced(1, 0, rule)
    .map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`)
    .join('');
}

function isMet({ subject, floor }: Measurement, target: Target): boolean {
  const { median } = summarise(subject);
  switch (target.kind) {
    case 'below':
      return median < target.value;
    case 'above':
      return median > target.value;
    case 'ratio-below':
      return floor !== null && median / summarise(floor.samples).median < target.value;
  }
}

function toCells(result: Result): string[] {
  if ('skipped' in result) return [result.name, `not measured: ${result.skipped}`, '', '', '', ''];
  if ('failed' in result) return [result.name, 'failed', '', '', '', ''];
  const { name, unit, subject, floor, target } = result;
  const own = summarise(subject);
  return [
    name,
    `**${withUnit(own.median, unit)}**${spread(own)}`,
    floor === null ? '' : toFloor(floor, unit),
    floor === null ? '' : toRatio(own.median / summarise(floor.samples).median),
    ...(target === null ? ['', ''] : [toTarget(target, unit), isMet(result, target) ? 'yes' : '**no**']),
  ];
}

function toFloor({ what, samples }: { what: string; samples: readonly number[] }, unit: Unit): string {
  const floor = summarise(samples);
  return `${withUnit(floor.median, unit)}${spread(floor)}, ${what}`;
}

function spread({ low, high, count }: Summary): string {
  return count < 2 ? '' : ` (${toDigits(low)}–${toDigits(high)}; ${count})`;
}

function toRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${toDigits(ratio)} ×` : '';
}

function toTarget({ kind, value }: Target, unit: Unit): string {
  if (kind === 'ratio-below') return `< ${value} × floor`;
  return `${kind === 'below' ? '<' : '>'} ${withUnit(value, unit)}`;
}

function withUnit(value: number, unit: Unit): string {
  return unit === '/min' ? `${toDigits(value)}/min` : `${toDigits(value)} ${unit}`;
}

function toDigits(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
