/** A stranger's words as one line for people: without what a terminal obeys, and cut where it gets long. */
export function plainLine(text: string, most: number): string {
  // Long texts are cut before they are looked at, with room for the blanks that go.
  const line = text
    .slice(0, 2 * most)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return (line.length > most ? `${line.slice(0, most - 1)}…` : line).toWellFormed();
}
