/** Longest piece of a line that is held back until its end comes, in bytes. */
const LONGEST_HELD = 64 * 1024;

/** Puts a prefix before each line of a stream of bytes. Only whole lines come out, so that those of several streams can be mixed. */
export interface LinePrefixer {
  /** The lines that are complete now, each with its newline. */
  add(bytes: Buffer): Buffer | undefined;
  /** The last line, where it had no newline. */
  end(): Buffer | undefined;
}

interface Options {
  prefix: string;
  /** Applied to whole lines of UTF-8 read as Latin-1. */
  clean?: (text: string) => string;
}

/** Bytes that are no UTF-8 pass unchanged: text is read and written as Latin-1, one character a byte. */
export function createLinePrefixer({ prefix, clean = (text) => text }: Options): LinePrefixer {
  const start = Buffer.from(prefix).toString('latin1');
  let held = '';

  return {
    add(bytes) {
      const text = held + bytes.toString('latin1');
      const end = text.lastIndexOf('\n') + 1;
      if (end === 0 && text.length > LONGEST_HELD) {
        held = '';
        return encode(`${text}\n`);
      }
      held = text.slice(end);
      return end === 0 ? undefined : encode(text.slice(0, end));
    },
    end() {
      const last = held;
      held = '';
      return last === '' ? undefined : encode(`${last}\n`);
    },
  };

  function encode(lines: string): Buffer {
    const body = clean(lines.slice(0, -1)).replaceAll('\n', `\n${start}`);
    return Buffer.from(`${start}${body}\n`, 'latin1');
  }
}
