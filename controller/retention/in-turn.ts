/** Rows that are read, or fail, before the pass ends. */
const BATCH = 50;

/**
 * Has each row its turn, however many there are. `read` gives the first so many of those that are left; a row that was dealt with is not among
 * them any more. One that fails keeps no other from its turn. Resolves with what was thrown.
 */
export async function inTurn<R extends { id: string }>(
  read: (limit: number) => Promise<R[]>,
  deal: (row: R) => Promise<void>,
  signal: AbortSignal,
): Promise<unknown[]> {
  const failed = new Set<string>();
  const problems: unknown[] = [];
  while (failed.size < BATCH) {
    const rows = (await read(BATCH + failed.size)).filter(({ id }) => !failed.has(id));
    if (rows.length === 0) break;
    for (const row of rows) {
      signal.throwIfAborted();
      try {
        await deal(row);
      } catch (error) {
        signal.throwIfAborted();
        failed.add(row.id);
        problems.push(error);
      }
    }
  }
  return problems;
}
