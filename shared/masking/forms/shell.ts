/** Escapes that C, Python and `$'…'` of shells share. */
const CONTROLS: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x5c, '\\\\'],
]);

/** As shells and languages quote it when they show it: `set -x`, `export -p`, `printf %q`, `repr()`. */
export function shellForms(text: string): string[] {
  return [
    // In single quotes: bash; dash and Python's shlex.
    text.replaceAll("'", String.raw`'\''`),
    text.replaceAll("'", `'"'"'`),
    // In double quotes.
    text.replaceAll(/["$`\\]/g, String.raw`\$&`),
    // Without quotes: bash's printf %q.
    text.replaceAll(/[ \t!"$&'()*,;<>?[\\\]^`{|}]|^[#~]/g, String.raw`\$&`),
    ...[text.replaceAll(/[\t\n\r\\]/g, control), bytewise(text, octal), bytewise(text, hexadecimal)].flatMap(
      (escaped) => [
        escaped,
        escaped.replaceAll("'", String.raw`\'`),
        escaped.replaceAll('"', String.raw`\"`),
      ],
    ),
  ];
}

function control(character: string): string {
  return CONTROLS.get(character.charCodeAt(0)) ?? character;
}

/** For those who know no more than ASCII: bash in the locale C, and bytes in Python. */
function bytewise(text: string, escape: (byte: number) => string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const isPrintable = byte >= 0x20 && byte < 0x7f;
    return CONTROLS.get(byte) ?? (isPrintable ? String.fromCharCode(byte) : escape(byte));
  }).join('');
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`;
}

function hexadecimal(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
