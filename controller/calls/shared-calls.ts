/**
 * Of those that ask while a reading is under way, all get the result of one more, which begins when that one has ended: it is never older than
 * their question. Many nodes that go at the same time look through the machine's processes together.
 */
export function createSharedCalls<T>(read: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;

  return () => (next ??= readNext());

  async function readNext(): Promise<T> {
    await last.catch(() => undefined);
    next = undefined;
    const reading = read();
    last = reading;
    return reading;
  }
}
