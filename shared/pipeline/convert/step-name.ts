import { isTemplate } from '#shared/expressions';
import type { Cache, Checkout, Fetch, Snapshot } from '../step.ts';

/** Longest name that is made from a script, in UTF-16 code units. */
const MAX_MADE_NAME = 80;

/** The first line that says what the script does. */
export function nameOfScript(script: string): string {
  const lines = script.split('\n').map((line) => line.trim());
  const first =
    lines.find((line) => line !== '' && !line.startsWith('#')) ?? lines.find((line) => line !== '') ?? '';
  if (isTemplate(first) && (first.length > MAX_MADE_NAME || !isWhole(first))) return cutBefore(first);
  return first.length > MAX_MADE_NAME ? `${first.slice(0, MAX_MADE_NAME)}…` : first;
}

export function nameOfCheckout({ repository }: Checkout): string {
  return repository === undefined ? 'checkout' : `checkout ${repository}`;
}

export function nameOfCache({ key }: Cache): string {
  return `cache ${key}`;
}

export function nameOfSnapshot({ stream }: Snapshot): string {
  return `snapshot ${stream}`;
}

export function nameOfFetch({ from, artifact = 'artifacts' }: Fetch): string {
  return `take ${artifact} from ${from}`;
}

/** Whether every expression ends on the line on which it begins. */
function isWhole(line: string): boolean {
  return line.split('${{').length === line.split('}}').length;
}

/** A part of an expression is none. */
function cutBefore(line: string): string {
  const before = line.slice(0, Math.min(line.indexOf('${{'), MAX_MADE_NAME)).trim();
  return before === '' ? 'script' : `${before}…`;
}
