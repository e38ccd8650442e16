/** `?name=value&…` of what is defined; of a list, each of its values. Nothing where there is none. */
export function queryOf(query: object): string {
  const entries = Object.entries(query).flatMap(([key, value]) =>
    [value].flat().flatMap((one) => (one === undefined ? [] : [[key, String(one)]])),
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
}
