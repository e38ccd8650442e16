/** Work that several ask for at a time. */
export interface Questions<T> {
  /** Whoever asks the same while it is being answered gets that answer. Others wait for their turn. */
  ask(about: string, answer: () => Promise<T>): Promise<T>;
}

/** So many at a time: a matrix of hundreds of jobs is not hundreds of programs. */
export function createQuestions<T>(most: number): Questions<T> {
  const open = new Map<string, Promise<T>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  return {
    ask(about, answer) {
      const asked = open.get(about);
      if (asked !== undefined) return asked;
      const answering = inTurn(answer).finally(() => open.delete(about));
      open.set(about, answering);
      return answering;
    },
  };

  async function inTurn(answer: () => Promise<T>): Promise<T> {
    if (running >= most) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await answer();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }
}
