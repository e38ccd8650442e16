/** None is the beginning of another. */
export const SYMBOLS = ['&&', '||', '!', '<->', '->', '(', ')'] as const;

type TokenSymbol = (typeof SYMBOLS)[number];

export interface LabelToken {
  kind: 'label';
  offset: number;
  /** As written in the source, quotes included. */
  text: string;
  /** Without quotes and escapes. */
  label: string;
}

interface SymbolToken {
  kind: TokenSymbol | 'end';
  offset: number;
  text: string;
}

export type Token = LabelToken | SymbolToken;

/** The offset behind the token. */
export function endOf(token: Token): number {
  return token.offset + token.text.length;
}
