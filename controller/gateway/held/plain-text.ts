const MAX_LENGTH = 300;

/** One line for people, of a text that anybody may have written. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, MAX_LENGTH);
}
