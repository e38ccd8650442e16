/** What a step left in one of its files. */
export interface Variables {
  values: Record<string, string>;
  /** What could not be read, as sentences that name the line. */
  problems: string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const HEREDOC = /^([^=<]*)<<(.+)$/;

/**
 * Reads `name=value` lines, and for values of several lines `name<<DELIMITER`, the lines, and `DELIMITER`: the syntax of GitHub's
 * GITHUB_OUTPUT and GITHUB_ENV. A later value replaces an earlier one. A bad line is a problem and nothing more.
 */
export function parseVariables(text: string): Variables {
  const values = new Map<string, string>();
  const problems: string[] = [];
  const lines = text.split(/\r?\n/);
  for (let number = 0; number < lines.length; number++) {
    const line = lines[number] ?? '';
    if (line.trim() === '') continue;
    const heredoc = HEREDOC.exec(line);
    if (heredoc === null) readAssignment(line, number + 1);
    else number = readHeredoc(heredoc, number);
  }
  return { values: Object.fromEntries(values), problems };

  function readAssignment(line: string, number: number): void {
    const equals = line.indexOf('=');
    if (equals === -1) problems.push(`line ${number} is neither name=value nor name<<DELIMITER`);
    else set(line.slice(0, equals), line.slice(equals + 1), number);
  }

  /** The index of the line that ends it. */
  function readHeredoc([, name = '', delimiter = '']: RegExpExecArray, start: number): number {
    const end = lines.indexOf(delimiter, start + 1);
    if (end === -1) {
      problems.push(
        `line ${start + 1}: the value of ${quote(name)} has no end; it needs a line ${quote(delimiter)}`,
      );
      return lines.length;
    }
    set(name, lines.slice(start + 1, end).join('\n'), start + 1);
    return end;
  }

  function set(name: string, value: string, number: number): void {
    if (!NAME.test(name))
      problems.push(`line ${number}: ${quote(name)} is no name; use letters, digits, _ and -`);
    else if (value.includes('\0')) problems.push(`line ${number}: the value of ${name} holds a NUL byte`);
    else values.set(name, value);
  }
}

function quote(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
