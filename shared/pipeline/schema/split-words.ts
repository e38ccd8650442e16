type Split = { ok: true; words: string[] } | { ok: false; message: string; index: number };

/** A word's pieces, as POSIX quotes them: 'as it is', "with \" and \\", \x, or plain. */
const PIECE =
  /'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[\s\S])*)"|\\(?<escaped>[\s\S])|(?<plain>[^\s'"\\]+)/y;

/** Splits a command line into words as a POSIX shell quotes them (XCU 2.2); nothing is expanded. `index` counts UTF-16 code units. */
export function splitWords(line: string): Split {
  const words: string[] = [];
  let at = 0;
  let isInside = false;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      isInside = false;
      at += 1;
      continue;
    }
    const pattern = new RegExp(PIECE);
    pattern.lastIndex = at;
    const groups = pattern.exec(line)?.groups;
    if (groups === undefined) return { ok: false, message: unfinished(line.charAt(at)), index: at };
    const { single, double, escaped, plain } = groups;
    const piece = single ?? double?.replaceAll(/\\([$`"\\])/g, '$1') ?? escaped ?? plain ?? '';
    if (isInside) words.push((words.pop() ?? '') + piece);
    else words.push(piece);
    isInside = true;
    at = pattern.lastIndex;
  }
  return { ok: true, words };
}

function unfinished(sign: string): string {
  return sign === '\\' ? 'nothing follows this \\' : `this quote ${sign} is not closed`;
}
