import sax from 'sax';
import { createCaseBuilder, type CaseBuilder } from './case-builder.ts';
import { decodeXml } from './decode.ts';
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_MISTAKES, MAX_SUITE, MAX_TEXT } from './limits.ts';
import type { ReportedCase } from './reported-case.ts';

/**
 * Reads a report of tests in JUnit's XML, in any of its dialects, as it comes: `onCase` gets each test as soon as it ends. Resolves with what is
 * wrong with the report, as a sentence without its subject, or null; tests that came before are told all the same. Of the document type
 * nothing is used: there are no entities but XML's own, and nothing is ever fetched. Throws only what `chunks` and `onCase` throw.
 */
export async function parseReport(
  chunks: AsyncIterable<Uint8Array>,
  onCase: (reported: ReportedCase) => void,
): Promise<string | null> {
  const reader = createXmlReader(onCase);
  try {
    for await (const text of decodeXml(chunks)) reader.write(text);
    return reader.end();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    reader.flush();
    return error.message;
  }
}

/** The report is not worth reading on. */
class Unreadable extends Error {}

/** References to characters that XML does not have: tools write them, and they are shown as they are. */
const HARMLESS = /^Invalid character entity/;
/** Texts that come in one large attribute, or what is skipped. */
const LARGE = /^Max buffer length exceeded: (?:attribValue|comment|textNode|cdata)/;
/** What the parser would keep in memory. */
const OVERFLOW = /^Max buffer length exceeded/;

function createXmlReader(onCase: (reported: ReportedCase) => void) {
  const parser = new sax.SAXParser(true, {});
  const path: string[] = [];
  /** Each with the names of those that it is in. */
  const suites: string[] = [];
  let attributes = new Map<string, string>();
  let current: CaseBuilder | undefined;
  let last: ReportedCase | undefined;
  let mistake: string | undefined;
  let mistakes = 0;
  let isEmpty = true;

  for (const [name, character] of CONTROLS) parser.ENTITIES[name] = character;
  const handlers = {
    onopentagstart() {
      attributes = new Map();
    },
    onattribute({ name, value }) {
      if (attributes.size >= MAX_ATTRIBUTES) throw new Unreadable('has an element with too many attributes');
      attributes.set(localName(name), value.slice(0, MAX_TEXT));
    },
    onopentag: ({ name }) => open(localName(name)),
    onclosetag: (name) => close(localName(name)),
    ontext: characters,
    oncdata: characters,
    onerror: complain,
  } satisfies Partial<sax.SAXParser>;
  Object.assign(parser, handlers);

  return {
    write(text: string): void {
      parser.write(text);
    },
    /** What was held back is told. */
    flush,
    /** What was wrong. */
    end(): string | null {
      const isCutOff = path.length > 0;
      parser.close();
      flush();
      if (isCutOff) return 'ends in the middle';
      return mistake ?? (isEmpty ? 'is empty' : null);
    },
  };

  function complain({ message: text }: Error): void {
    const [message = ''] = text.split('\n');
    parser.resume();
    if (LARGE.test(message)) return shorten(parser);
    if (OVERFLOW.test(message)) throw new Unreadable('is no report of tests: it has a name that is too long');
    if (!HARMLESS.test(message)) {
      mistake ??= `is not well-formed (line ${parser.line + 1}: ${message.toLowerCase().replace(/\.$/, '')})`;
    }
    mistakes += 1;
    if (mistakes > MAX_MISTAKES) {
      throw new Unreadable(mistake ?? 'has too many characters that XML does not know');
    }
  }

  function open(element: string): void {
    isEmpty = false;
    if (path.length === 0 && element !== 'testsuites' && element !== 'testsuite') {
      throw new Unreadable(`is no report of tests in JUnit's form: it begins with <${element.slice(0, 40)}>`);
    }
    if (path.length >= MAX_DEPTH) throw new Unreadable('has too many elements within each other');
    path.push(element);
    if (element === 'testcase') current ??= createCaseBuilder(attributes, suites.at(-1) ?? '');
    else if (element === 'testsuite') suites.push(within(suites.at(-1) ?? '', attributes.get('name') ?? ''));
    else if (path.at(-2) === 'testcase') current?.open(element, attributes);
  }

  function close(element: string): void {
    path.pop();
    if (element === 'testsuite') suites.pop();
    if (element !== 'testcase' || current === undefined || path.includes('testcase')) return;
    take(current.build());
    current = undefined;
  }

  /** A test that failed, and whose end went wrong then, pytest tells of twice. */
  function take(next: ReportedCase): void {
    const isSame = last?.suite === next.suite && last.name === next.name;
    if (last?.result === 'failed' && next.result === 'errored' && isSame) {
      last = {
        ...last,
        detail: `${last.detail}\n${next.detail}`,
        stdout: last.stdout + next.stdout,
        stderr: last.stderr + next.stderr,
      };
      return;
    }
    flush();
    last = next;
  }

  function flush(): void {
    if (last !== undefined) onCase(last);
    last = undefined;
  }

  function characters(text: string): void {
    // What is below a failure belongs to it: surefire has stack traces in elements of their own.
    const at = path.lastIndexOf('testcase');
    const element = at === -1 ? undefined : path[at + 1];
    if (element !== undefined) current?.text(element, text);
  }
}

/** What goes on for ever takes no more memory: nobody reads comments, and attributes are cut. */
function shorten(parser: sax.SAXParser): void {
  const buffers = parser as sax.SAXParser & { comment: string; attribValue: string };
  buffers.comment = '';
  buffers.attribValue = buffers.attribValue.slice(0, MAX_TEXT);
}

function within(outer: string, name: string): string {
  const parts = [outer, name].filter((part) => part !== '');
  return parts.join('.').slice(0, MAX_SUITE);
}

/** Without its prefix, and in lower case. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1).toLowerCase();
}

/** XML has no control characters, not even as references; tools write them nevertheless, as `&#27;` or `&#x1B;`. */
const CONTROLS: readonly (readonly [string, string])[] = Array.from({ length: 32 }, (_, code) => code)
  .filter((code) => ![0, 9, 10, 13].includes(code))
  .flatMap((code) => {
    const character = String.fromCharCode(code);
    const hex = code.toString(16);
    return [
      [`#${code}`, character],
      [`#x${hex}`, character],
      [`#x${hex.padStart(2, '0')}`, character],
    ] as const;
  });
