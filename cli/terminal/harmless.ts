/** Control characters, ends of lines, and what turns the direction of writing. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Names and sentences of strangers as a terminal may see them: they are of one line, move no cursor, and read as what they are. */
export function harmless(text: string): string {
  return text.replaceAll(UNSEEN, (character) => NAMES[character] ?? escaped(character));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
