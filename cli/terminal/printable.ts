/* eslint-disable no-control-regex */

/** Operating system commands (titles, links, clipboard), up to their end. */
const OPERATING_SYSTEM_COMMAND = /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)/g;

/** Control sequences; those that end in `m` only set colours. */
const CONTROL_SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/g;

/** What remains of escapes, and control characters but tab; `\xc2` begins C1 controls in UTF-8. */
const CONTROL = /\x1b(?!\[[0-9;:]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]|\xc2[\x80-\x9f]/g;

/**
 * A job's output as a terminal may see it: colours stay, everything that moves the cursor, sets titles or worse goes. Of a line that was
 * written over and over, the last state stays. The text is UTF-8 read as Latin-1, one character a byte; whole lines.
 */
export function printable(text: string): string {
  if (!CONTROL_CHARACTER.test(text)) return text;
  return text
    .replaceAll(OPERATING_SYSTEM_COMMAND, '')
    .split('\n')
    .map(lastState)
    .join('\n')
    .replaceAll(CONTROL_SEQUENCE, (sequence) => (sequence.endsWith('m') ? sequence : ''))
    .replaceAll(CONTROL, '');
}

const CONTROL_CHARACTER = /[\x00-\x08\x0b-\x1f\x7f\xc2]/;

/** What a carriage return left standing; those at the end are a line's end as Windows has it. No pattern: it would take quadratic time. */
function lastState(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}
