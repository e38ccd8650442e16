import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FootmanError } from '#shared/errors';
import {
  checkCondition,
  checkTemplate,
  CONTEXTS,
  evaluateCondition,
  evaluateTemplate,
  evaluateText,
  referencesIn,
  type Contexts,
  type Place,
  type Value,
} from '#shared/expressions';

const EVERYTHING: Place = {
  contexts: CONTEXTS,
  functions: ['success', 'failure', 'always', 'cancelled', 'hashFiles'],
};

/** Text that is nearly an expression, which plain random text hardly ever is. */
const WORDS =
  "${{ }} ' '' build env . [ ] ( ) , * ! && || == < 1 - 0x NaN true null format fromJSON toJSON join contains case " +
  "constructor __proto__ toString '{0}' '[1]' ı always a";
const words = fc.constantFrom(...WORDS.split(' '), ' ', '\n', '\u00a0');
const nearly = fc.array(words, { maxLength: 24 }).map((pieces) => pieces.join(''));
const wrapped = nearly.map((text) => `\${{ ${text} }}`);
const anyText = fc.oneof(nearly, wrapped, fc.string({ unit: 'binary' }));
const contexts: fc.Arbitrary<Contexts> = fc.record({
  build: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Value>,
  env: fc.dictionary(fc.constantFrom('a', 'A', 'constructor', '__proto__', 'b'), fc.string()),
});

test('whatever the text, checking gives problems inside of it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const { index, message } of [
        ...checkTemplate(text, EVERYTHING),
        ...checkCondition(text, { contexts: [], functions: [] }),
      ]) {
        expect(message).not.toBe('');
        expect(index).toBeGreaterThanOrEqual(0);
        expect(index).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test('whatever the text and the values, evaluation gives JSON or fails with a sentence', () => {
  fc.assert(
    fc.property(anyText, contexts, (text, contexts) => {
      for (const evaluate of [
        () => evaluateTemplate(text, contexts),
        () => evaluateText(text, contexts),
        () => evaluateCondition(text, contexts, 'success'),
      ]) {
        const value = valueOrFailure(evaluate);
        expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      }
    }),
    { numRuns: 2000 },
  );
});

test('what was checked without a problem fails only for its values', () => {
  fc.assert(
    fc.property(wrapped, (text) => {
      if (checkTemplate(text, { contexts: CONTEXTS, functions: [] }).length > 0) return;
      const failure = messageOf(() => evaluateTemplate(text, {}));
      expect(failure).toMatch(/^$|format:|fromJSON:|case:|text is needed/);
    }),
    { numRuns: 2000 },
  );
});

test('text without ${{ stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('${{')),
      (text) => {
        expect(evaluateText(text, {})).toBe(text);
      },
    ),
  );
});

test('a quoted text is that text', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, fc.string({ unit: fc.constantFrom("'", 'a', '}', '{', '$') })), (text) => {
      const literal = `\${{ '${text.replaceAll("'", "''")}' }}`;
      expect(checkTemplate(literal, EVERYTHING)).toEqual([]);
      expect(evaluateTemplate(literal, {})).toBe(text);
      expect(evaluateText(`<${literal}>`, {})).toBe(`<${text}>`);
    }),
  );
});

test('a value survives as JSON, through toJSON and back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const build = JSON.parse(JSON.stringify(value)) as Value;
      expect(evaluateTemplate('${{ build }}', { build })).toEqual(build);
      expect(evaluateTemplate('${{ fromJSON(toJSON(build)) }}', { build })).toEqual(build);
    }),
  );
});

test('a number is itself', () => {
  fc.assert(
    fc.property(fc.integer(), (number) => {
      expect(evaluateTemplate(`\${{ ${number} }}`, {})).toBe(number);
    }),
  );
});

test('every key of a context is found', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (env) => {
      for (const [key, value] of Object.entries(env)) {
        expect(evaluateTemplate(`\${{ env['${key.replaceAll("'", "''")}'] }}`, { env })).toBe(value);
      }
    }),
  );
});

test('references lie in the text, where the name of their context is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const { path, index } of referencesIn(text, 'template')) {
        expect(
          text
            .slice(index)
            .toLowerCase()
            .startsWith(path[0]?.toLowerCase() ?? '-'),
        ).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

function valueOrFailure(evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(FootmanError);
    expect(thrown).toMatchObject({ code: 'expression-failed' });
    return null;
  }
}

function messageOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'no error';
  }
}
