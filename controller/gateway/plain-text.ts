const MAX_LENGTH = 300;

/** What a node says is a stranger's: it makes no lines, and moves no cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** The same, cut where it gets long. */
export function plainText(text: string): string {
  return oneLine(text).slice(0, MAX_LENGTH);
}
