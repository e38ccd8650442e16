import { Composer, type CST, type Document, Lexer, Parser, type ParsedNode } from 'yaml';
import type { Finding } from './finding.ts';
import { MAX_TOKENS } from './limits.ts';
import { findSyntaxErrors, isStructural } from './syntax-errors.ts';

export interface Yaml {
  /** None when the file is empty, or holds too much to be read. */
  contents: ParsedNode | undefined;
  findings: Finding[];
  /** Offset of the first mistake after which the tree can't be trusted; `Infinity` when there is none. */
  brokenAt: number;
}

/** The first YAML 1.2 document of the source, as far as it can be read. */
export function readYaml(source: string): Yaml {
  const findings: Finding[] = [];
  const tokens = readTokens(source, findings);
  if (tokens === undefined) return { contents: undefined, findings, brokenAt: 0 };
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    strict: true,
    stringKeys: true,
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const [first, second] = composer.compose(withoutDirectives(tokens, findings), true, source.length).take(2);
  if (second !== undefined) findings.push(secondDocument(tokens));
  if (first === undefined || isEmpty(first)) return { contents: undefined, findings, brokenAt: 0 };
  const errors = [...first.errors, ...first.warnings];
  findings.push(...findSyntaxErrors(source, first));
  const brokenAt = errors.filter(isStructural).reduce((least, { pos }) => Math.min(least, pos[0]), Infinity);
  return { contents: first.contents ?? undefined, findings, brokenAt };
}

function readTokens(source: string, findings: Finding[]): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(source)) {
    count += 1;
    if (count > MAX_TOKENS) {
      const offset = parser.offset;
      findings.push({
        offset,
        end: offset,
        code: 'limit',
        message: 'the file holds too much up to here',
        hint: 'split it into several files',
      });
      return undefined;
    }
    tokens.push(...parser.next(lexeme));
  }
  return [...tokens, ...parser.end()];
}

/** `%YAML 1.1` would change what the rest means (`on`, `yes`, merge keys), so that no directive is taken. */
function* withoutDirectives(tokens: CST.Token[], findings: Finding[]): Generator<CST.Token> {
  for (const token of tokens) {
    if (token.type !== 'directive') {
      yield token;
      continue;
    }
    const { offset, source } = token;
    findings.push({
      offset,
      end: offset,
      code: 'syntax',
      message: `the directive ${source} is not supported`,
      hint: 'delete the line; the file is read as YAML 1.2',
    });
  }
}

function secondDocument(tokens: CST.Token[]): Finding {
  const offset = tokens.filter((token) => token.type === 'document')[1]?.offset ?? 0;
  return {
    offset,
    end: offset,
    code: 'syntax',
    message: 'a second document begins here',
    hint: 'one file is one document: delete the "---", or split the file',
  };
}

function isEmpty(document: Document.Parsed): boolean {
  const { contents } = document;
  return (
    document.errors.length === 0 &&
    (contents === null || contents.range[0] === contents.range[1]) &&
    contents?.tag === undefined
  );
}
