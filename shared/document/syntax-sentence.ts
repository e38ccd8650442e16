import type { YAMLError } from 'yaml';
import { MAX_DEPTH } from './limits.ts';

interface Sentence {
  message: string;
  hint?: string;
}

const INDENTATION = {
  message: 'the indentation does not fit the lines above',
  hint: 'keys of one mapping, and items of one list, start at the same column',
};

/** The parser's complaint, in words for someone who never read the YAML specification. */
export function describeSyntaxError(source: string, error: YAMLError): Sentence {
  const [start, end] = error.pos;
  const written = source.slice(start, end).trim();
  const unclosed = /must (?:be sufficiently indented and )?end with a (.)/.exec(error.message);
  if (unclosed) return { message: `a closing ${unclosed[1]} is missing before here` };
  switch (error.code) {
    case 'BAD_INDENT':
      return INDENTATION;
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used for indentation', hint: 'YAML allows only spaces there' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (error.message.startsWith('A block sequence')) return INDENTATION;
      return {
        message: 'a ": " stands inside this text',
        hint: 'put the whole text in quotes, or write it on the lines below after "|"',
      };
    case 'BLOCK_IN_FLOW':
      return {
        message: 'a comma is missing here, or an indented block stands inside { } or [ ]',
        hint: 'separate entries inside brackets with commas',
      };
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'this line has no ":" where a key is expected',
        hint: 'write "key: value", or indent it as part of the text above',
      };
    case 'BAD_SCALAR_START':
      return {
        message: `a text can't begin with ${source[start] ?? 'this'}`,
        hint: 'put it in quotes',
      };
    case 'BAD_DQ_ESCAPE':
      return {
        message: `${source.slice(start, start + 2)} is not an escape in double quotes`,
        hint: 'write \\\\ for a backslash, or use single quotes',
      };
    case 'NON_STRING_KEY':
      return { message: 'a key must be text, not a list or a mapping' };
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return {
        message: `the tag ${written} is not supported`,
        hint: 'delete it; put a text that begins with "!" in quotes',
      };
    case 'KEY_OVER_1024_CHARS':
      return { message: 'this key is longer than 1024 characters' };
    case 'RESOURCE_EXHAUSTION':
      return { message: `mappings and lists are nested deeper than ${MAX_DEPTH} levels` };
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_TAGS':
    case 'MISSING_CHAR':
    case 'UNEXPECTED_TOKEN':
    case 'BAD_DIRECTIVE':
    case 'BAD_PROP_ORDER':
    case 'DUPLICATE_KEY':
    case 'IMPOSSIBLE':
    case 'MULTIPLE_DOCS':
      return describeMessage(error.message);
  }
}

function describeMessage(message: string): Sentence {
  if (/^Missing closing .quote/.test(message)) {
    return {
      message: 'the quote that opens here is never closed',
      hint: 'a quote inside single quotes is written twice, inside double quotes as \\"',
    };
  }
  if (message.startsWith('Implicit map keys need to be followed by map values')) {
    return { message: 'this key has no ":" after it', hint: 'write "key: value"' };
  }
  if (message.endsWith('at node end')) {
    return {
      message: 'this does not belong to the value before it',
      hint: 'put the whole value in quotes; a quote inside single quotes is written twice',
    };
  }
  if (message.endsWith('cannot be an empty string')) {
    return { message: "a text can't begin with & or *", hint: 'put it in quotes' };
  }
  if (message.startsWith('Unexpected ,')) return { message: 'there is a comma too many here' };
  if (/^Missing , (?:or : )?between/.test(message)) return { message: 'a comma is missing before here' };
  if (message.startsWith('Block scalar header')) {
    return {
      message: 'text follows | or > on the same line',
      hint: 'begin it on the next line, or put it in quotes',
    };
  }
  if (message.endsWith('ending in : is ambiguous')) {
    return { message: 'this name of an anchor ends with ":"', hint: 'put a space before the ":"' };
  }
  if (message.startsWith('An alias node must not')) {
    return { message: "an alias can't have an anchor or a tag of its own" };
  }
  return { message: 'this does not fit here', hint: 'check the quotes, brackets and indentation around it' };
}
