import { inside, type Origin } from '../origin.ts';
import type { TextsSource } from '../schema/env.ts';

/** Values as texts. A number is taken as it is written: `VERSION: 1.10` is "1.10", which YAML would make 1.1. */
export function toTexts(source: TextsSource = {}, origin: Origin): Record<string, string> {
  const texts = Object.entries(source).map(
    ([name, value]) => [name, toText(value, inside(origin, name))] as const,
  );
  return Object.fromEntries(texts);
}

export function toText(value: string | number | boolean, { document, path }: Origin): string {
  return typeof value === 'string' ? value : (document.textOf(path) ?? String(value));
}
