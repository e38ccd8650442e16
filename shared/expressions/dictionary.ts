import { Dictionary as LibraryDictionary, type ExpressionData } from '@actions/expressions/data/index';

/**
 * A mapping whose keys may be anything: the library's own takes `constructor` for a key that is there already. A key of exactly the
 * wanted letters comes first, then one of other letter case.
 */
export class Dictionary extends LibraryDictionary {
  readonly #exact = new Map<string, ExpressionData>();
  readonly #folded = new Map<string, ExpressionData>();

  override add(key: string, value: ExpressionData): void {
    if (!this.#exact.has(key)) this.#exact.set(key, value);
    const folded = key.toLowerCase();
    if (!this.#folded.has(folded)) this.#folded.set(folded, value);
  }

  override get(key: string): ExpressionData | undefined {
    return this.#exact.get(key) ?? this.#folded.get(key.toLowerCase());
  }

  override values(): ExpressionData[] {
    return [...this.#exact.values()];
  }

  override pairs(): { key: string; value: ExpressionData }[] {
    return [...this.#exact].map(([key, value]) => ({ key, value }));
  }
}
