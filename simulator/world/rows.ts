/** A table in memory. Rows are values: a change puts another row in the place of one, so that what was read stays as it was. */
export interface Rows<Row> {
  get(id: string): Row | undefined;
  put(row: Row): void;
  has(id: string): boolean;
  delete(id: string): void;
  /** In the order in which they were first put; the same array until something changes. */
  all(): readonly Row[];
  readonly size: number;
}

export function createRows<Row extends { id: string }>(): Rows<Row> {
  const byId = new Map<string, Row>();
  let snapshot: readonly Row[] | undefined;

  return {
    get: (id) => byId.get(id),
    has: (id) => byId.has(id),
    put(row) {
      byId.set(row.id, row);
      snapshot = undefined;
    },
    delete(id) {
      if (byId.delete(id)) snapshot = undefined;
    },
    all: () => (snapshot ??= [...byId.values()]),
    get size() {
      return byId.size;
    },
  };
}
