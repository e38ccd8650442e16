/** Escapes that C, Python and `$'…'` of shells share. */
const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** As shells and languages quote it when they show it: `set -x`, `export -p`, `printf %q`, `repr()`. */
export function shellForms(text: string): string[] {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll(/[\n\r\t]/g, (control) => CONTROLS[control] ?? '');
  return [
    // In single quotes: bash; dash and Python's shlex.
    text.replaceAll("'", String.raw`'\''`),
    text.replaceAll("'", `'"'"'`),
    // In double quotes.
    text.replaceAll(/["$`\\]/g, String.raw`\$&`),
    // Without quotes: bash's printf %q.
    text.replaceAll(/[ \t!"$&'()*,;<>?[\\\]^`{|}]|^[#~]/g, String.raw`\$&`),
    escaped,
    escaped.replaceAll("'", String.raw`\'`),
    escaped.replaceAll('"', String.raw`\"`),
  ];
}
