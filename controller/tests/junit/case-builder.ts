import { MAX_RERUNS, MAX_TEXT } from './limits.ts';
import type { ReportedCase } from './reported-case.ts';
import { toMilliseconds } from './seconds.ts';

export type Attributes = ReadonlyMap<string, string>;

/** Gathers a `testcase`: what is in it comes in any order, and several times. */
export interface CaseBuilder {
  /** An element in it, directly. */
  open(element: string, attributes: Attributes): void;
  /** Characters in that element. */
  text(element: string, text: string): void;
  build(): ReportedCase;
}

type Text = 'failure' | 'error' | 'skipped' | 'system-out' | 'system-err' | 'retry';

/** What elements of the dialects are to us. Surefire writes the `rerun…` ones below a test that failed each time, the `flaky…` ones below one that passed. */
const MEANINGS: Readonly<Record<string, Text>> = {
  failure: 'failure',
  error: 'error',
  skipped: 'skipped',
  disabled: 'skipped',
  'system-out': 'system-out',
  'system-err': 'system-err',
  flakyfailure: 'retry',
  flakyerror: 'retry',
  rerunfailure: 'retry',
  rerunerror: 'retry',
};

/** @param suite the names of the suites that it is in */
export function createCaseBuilder(attributes: Attributes, suite: string): CaseBuilder {
  const texts = new Map<Text, string>();
  const messages = new Map<Text, string>();
  let reruns = 0;

  return {
    open(element, given) {
      const meaning = meaningOf(element);
      if (meaning === undefined) return;
      if (meaning === 'retry') reruns = Math.min(reruns + 1, MAX_RERUNS);
      // Several failures of one test, as gtest has them, stand below each other.
      const before = texts.get(meaning);
      texts.set(meaning, before === undefined || before === '' ? '' : `${before}\n`);
      if (!messages.has(meaning)) messages.set(meaning, given.get('message') ?? given.get('type') ?? '');
    },
    text(element, text) {
      const meaning = meaningOf(element);
      if (meaning !== undefined) add(meaning, text);
    },
    build() {
      const result = resultOf();
      const told = textsOf(result);
      return {
        suite: attributes.get('classname') || suite,
        name: attributes.get('name') ?? '',
        result,
        ms: toMilliseconds(attributes.get('time')),
        reruns,
        message: told.map((text) => messages.get(text) ?? '').find((text) => text !== '') ?? '',
        detail: told
          .map((text) => texts.get(text) ?? '')
          .filter((text) => text.trim() !== '')
          .join('\n'),
        stdout: texts.get('system-out') ?? '',
        stderr: texts.get('system-err') ?? '',
      };
    },
  };

  function add(to: Text, text: string): void {
    const before = texts.get(to) ?? '';
    if (before.length < MAX_TEXT) texts.set(to, before + text.slice(0, MAX_TEXT - before.length));
  }

  function resultOf(): ReportedCase['result'] {
    if (messages.has('failure')) return 'failed';
    if (messages.has('error')) return 'errored';
    const isLeftOut = messages.has('skipped') || /^(?:notrun|skipped|disabled)$/i.test(status());
    return isLeftOut ? 'skipped' : 'passed';
  }

  /** gtest has a test that is switched off in an attribute alone. */
  function status(): string {
    return attributes.get('status') ?? '';
  }
}

function meaningOf(element: string): Text | undefined {
  return Object.hasOwn(MEANINGS, element) ? MEANINGS[element] : undefined;
}

/** Those that tell of such a result. */
function textsOf(result: ReportedCase['result']): Text[] {
  if (result === 'failed' || result === 'errored') return ['failure', 'error'];
  return result === 'skipped' ? ['skipped'] : ['retry'];
}
