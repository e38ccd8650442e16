/** One value stands for a list of one, nothing for none. */
export function toList<T extends string | number>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
