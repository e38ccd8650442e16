/** A mapping of a configuration file: kebab-case keys; durations and sizes with their units. */
export interface Section {
  [key: string]: Written;
}
export type Written = string | number | boolean | null | Written[] | Section;

/** The mapping without what is not set. */
export function section(entries: Record<string, Written | undefined>): Section {
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, Written] => entry[1] !== undefined),
  );
}

export function isSection(value: Written | undefined): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
