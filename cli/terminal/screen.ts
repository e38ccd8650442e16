import type { Output } from './output.ts';

/** Lines that scroll, and below them, on a terminal, one that is drawn over and over. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Whole lines. Resolves when there is room for more. */
  write(lines: string | Buffer): Promise<void>;
  /** What the bottom line says; an empty text removes it. */
  setStatus(text: string): void;
}

const CLEAR_LINE = '\r\x1b[2K';

export function createScreen(out: Output): Screen {
  let status = '';

  return {
    isTerminal: out.isTerminal,
    write(lines) {
      if (status === '') return out.write(lines);
      return out.write(Buffer.concat([Buffer.from(CLEAR_LINE), Buffer.from(lines), Buffer.from(status)]));
    },
    setStatus(text) {
      if (!out.isTerminal) return;
      const fitting = fit(text, out.columns() - 1);
      if (fitting === status) return;
      status = fitting;
      void out.write(`${CLEAR_LINE}${status}`);
    },
  };
}

/** A line that wraps could not be drawn over. */
function fit(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}
