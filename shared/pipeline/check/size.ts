/** Whether a value is longer than `most` as JSON, about; looks at no more of it than it takes to tell. In UTF-16 code units. */
export function isLongerThan(most: number, value: unknown): boolean {
  let left = most;
  spend(value);
  return left < 0;

  function spend(part: unknown): void {
    if (left < 0) return;
    left -= typeof part === 'string' ? part.length + 3 : 4;
    if (typeof part !== 'object' || part === null) return;
    for (const [key, inner] of Object.entries(part)) {
      left -= key.length + 4;
      spend(inner);
    }
  }
}
