/** A name beside which nothing else is called so. */
export function randomName(): string {
  return `.footman-${Math.random().toString(36).slice(2, 14)}`;
}
