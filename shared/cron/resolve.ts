import { hash } from 'node:crypto';
import { parseExpression } from './expression.ts';
import type { Item } from './item.ts';

/**
 * The expression with every `H` and alias replaced by the values that they stand for: always the same ones for a seed (name of the
 * project and the file, say), and spread evenly over seeds.
 *
 * @throws Error for what `tryParseCron` refuses.
 */
export function resolveCron(text: string, seed: string): string {
  return parseExpression(text)
    .map((items, field) => items.map((item, place) => settle(item, `${seed}\n${field}\n${place}`)).join(','))
    .join(' ');
}

/** As in Jenkins, `H/15` begins within the first quarter and keeps its distance from there on. */
function settle(item: Item, seed: string): string {
  if (item.kind !== 'hash') return item.text;
  const { from, to, step } = item;
  if (step === null) return String(from + pick(seed, to - from + 1));
  const values: number[] = [];
  for (let value = from + pick(seed, step); value <= to; value += step) values.push(value);
  return values.join(',');
}

function pick(seed: string, count: number): number {
  return hash('sha256', seed, 'buffer').readUInt32BE(0) % count;
}
