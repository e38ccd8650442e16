/** The widest table has about 35 columns, and a statement takes 32,766 parameters in SQLite, 65,535 in PostgreSQL. */
const ROWS_PER_STATEMENT = 500;

/** Runs the statement for so many rows at a time as fit into one. */
export async function inChunks<T>(
  rows: readonly T[],
  statement: (chunk: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    await statement(rows.slice(from, from + ROWS_PER_STATEMENT));
  }
}
