import { MAX_TEXT } from './junit/index.ts';
import { stripSequences } from './strip-sequences.ts';

/** Characters of a message, which stands in lists; and of a long text, of which the beginning and the end are kept. */
const MAX_MESSAGE = 1000;
const MAX_OUTPUT = 64 * 1024;

/** What the rest of colours, and files that are none of text, leave behind. */
// oxlint-disable-next-line no-control-regex -- they are what is taken out
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Texts of strangers as they are stored: without colours and control characters, without secrets, and not too long. */
export interface ShownText {
  /** In one line, and never cut in silence. */
  name(text: string, most: number): string;
  /** Null for one without words. */
  message(text: string): string | null;
  /** Null for one without words, and where the job's outputs have been too many. */
  output(text: string): string | null;
}

/** `mask` hides the job's secrets; `room` is how many characters its outputs may have together. */
export function createShownText(mask: (text: string) => string, room: number): ShownText {
  let left = room;

  return {
    name: (text, most) => cut(clean(text).replaceAll(/\s+/g, ' ').trim(), most),
    message(text) {
      const shown = clean(text).trim();
      return shown === '' ? null : cut(shown, MAX_MESSAGE);
    },
    output(text) {
      const shown = middleCut(clean(text));
      if (shown.trim() === '') return null;
      if (shown.length > left) return '[left out: the tests of this job wrote too much]';
      left -= shown.length;
      return shown;
    },
  };

  /** Colours go first: they could part a secret in two. What is cut later was masked as a whole. */
  function clean(text: string): string {
    if (text === '') return text;
    const plain = stripSequences(text).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
    const masked = mask(plain.replaceAll(CONTROLS, '')).toWellFormed();
    // The report's reader has cut it, maybe within a secret.
    return text.length < MAX_TEXT ? masked : masked.slice(0, MAX_TEXT / 2);
  }
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

function middleCut(text: string): string {
  if (text.length <= MAX_OUTPUT) return text;
  const half = MAX_OUTPUT / 2;
  const begin = text.slice(0, half).toWellFormed();
  const end = text.slice(-half).toWellFormed();
  return `${begin}\n[left out: ${text.length - MAX_OUTPUT} characters]\n${end}`;
}
