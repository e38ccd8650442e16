/** For each state, the states that may follow it. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/** @throws Error when code asks for a transition that the life cycle does not have: a mistake of ours, never of a user. */
export function assertTransition<State extends string>(
  noun: string,
  transitions: Transitions<State>,
  from: readonly State[],
  to: State,
): void {
  const wrong = from.find((state) => !transitions[state].includes(to));
  if (wrong !== undefined) throw new Error(`a ${noun} never goes from ${wrong} to ${to}`);
}
