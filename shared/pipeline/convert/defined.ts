type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without its undefined values, so that it is the same after a journey as JSON. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
