import { describe, expect, test } from 'vitest';
import {
  evaluateCondition,
  evaluateTemplate,
  evaluateText,
  HashNeeded,
  isTemplate,
  type Contexts,
  type Status,
  type Value,
} from '#shared/expressions';

const CONTEXTS: Contexts = {
  build: { branch: 'main', number: 7, 'pull-request': null, tags: [{ name: 'a' }, { name: 'b' }, 3] },
  env: { PATH: 'upper', path: 'lower', constructor: 'c', __proto: 'p', nested: '${{ build.branch }}' },
  matrix: JSON.parse('{"__proto__": "own", "toString": 1, "on": true}') as Value,
  needs: { a: { result: 'success', outputs: { list: '[1, "two"]' } } },
};

describe('evaluateTemplate', () => {
  test.each<[string, Value]>([
    ['plain', 'plain'],
    ['', ''],
    ['${{ build.number }}', 7],
    ['${{ matrix.on }}', true],
    ['${{ build.pull-request }}', null],
    ['${{ build.tags }}', [{ name: 'a' }, { name: 'b' }, 3]],
    ['${{ build.tags.*.name }}', ['a', 'b']],
    ['${{ build.tags[2] }}', 3],
    ['${{ fromJSON(needs.a.outputs.list) }}', [1, 'two']],
    ['${{ Build.BRANCH }}', 'main'],
    ['${{ build.branch }} ', 'main '],
    ['<${{ build.branch }}-${{ build.number }}>', '<main-7>'],
    ['<${{ build.pull-request }}${{ needs.b.outputs.x }}${{ steps.x }}>', '<>'],
    ["${{ 'it''s ''ok''' }}", "it's 'ok'"],
    ["${{ '${{' }}", '${{'],
    ["${{ '}}' }}", '}}'],
    ['${{ env.nested }}', '${{ build.branch }}'],
    ['${{ env.PATH }} ${{ env.path }}', 'upper lower'],
    ['${{ env.constructor }}', 'c'],
    ['${{ build.constructor }}', null],
    ['${{ build.hasOwnProperty.x }}', null],
    ['${{ matrix.__proto__ }}', 'own'],
    ['${{ build.__proto__ }}', null],
    ['${{ matrix.toString }}', 1],
    ['${{ 1 == 1.0 && null == 0 }}', true],
    ["${{ 'A' == 'a' }}", true],
    ["${{ build.number > 6 && 'yes' || 'no' }}", 'yes'],
    ["${{ format('{0}/{1} {{0}}', build.branch, 2) }}", 'main/2 {0}'],
    ["${{ join(fromJSON('[1,2]'), '-') }} ${{ join(build.tags.*.name) }}", '1-2 a,b'],
    ["${{ contains(fromJSON('[\"x\"]'), 'X') }}", true],
    ["${{ startsWith('Abc', 'aB') && endsWith('Abc', 'C') }}", true],
    ["${{ case(false, 1, build.branch == 'main', 2, 3) }}", 2],
    ['${{ toJSON(matrix) }}', '{\n  "__proto__": "own",\n  "toString": 1,\n  "on": true\n}'],
    ['${{ NaN }}', null],
    ['x${{ 0.1 }}', 'x0.1'],
  ])('%s is %j', (text, value) => {
    expect(evaluateTemplate(text, CONTEXTS)).toStrictEqual(value);
  });

  test.each([
    ["${{ format('{2}', 1) }}", "${{ format('{2}', 1) }}: format: its text has {2}"],
    ["${{ format('{', 1) }}", 'format: a lone `{`'],
    ["${{ format('a}b', 1) }}", 'format: a lone `}`'],
    ["${{ format('{x}', 1) }}", 'format: a lone `{`'],
    ["${{ fromJSON('') }}", 'fromJSON: the text is empty'],
    ["${{ fromJSON('{a: 1}') }}", 'fromJSON: the text is not JSON'],
    ["${{ build[fromJSON('x')] }}", 'fromJSON: the text is not JSON'],
    ['${{ case(1, 2, 3) }}', 'case: a condition must be true or false'],
    ['a ${{ build.tags }}', '${{ build.tags }} is a list, and text is needed'],
    ['${{ build.branch', 'this `${{` is never closed'],
    ['${{ success() }}', "success() can't be called here"],
    ["${{ hashFiles('a') }}", "hashFiles() can't be called here"],
    ['${{ nothing() }}', 'there is no function nothing()'],
    ['${{ constructor(1) }}', 'there is no function constructor()'],
  ])('%s fails with a sentence', (text, message) => {
    expect(() => evaluateTemplate(text, CONTEXTS)).toThrow(failure(message));
  });

  test('a failure never shows a value, which may be a secret', () => {
    const contexts = { secrets: { KEY: 'hunter2' } };
    for (const text of ['${{ fromJSON(secrets.KEY) }}', "${{ format(format('{0}}', secrets.KEY)) }}"]) {
      const error = thrownBy(() => evaluateTemplate(text, contexts));
      expect(error).toMatchObject({ code: 'expression-failed' });
      expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
    }
  });
});

describe('what evaluation may cost is bounded', () => {
  const big = 'x'.repeat(1024 * 1024);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const many = JSON.stringify(Array(120_000).fill(0));

  test.each([
    ['a long format', `\${{ format('${'{0}'.repeat(5000)}', env.BIG) }}`],
    ['a long join', '${{ join(fromJSON(env.MANY_TEXTS), env.BIG) }}'],
    ['a long template', '${{ env.BIG }}${{ env.BIG }}'],
    ['escapes in JSON', '${{ toJSON(env.QUOTES) }}'],
    ['deep JSON', '${{ fromJSON(env.DEEP) }}'],
    ['much JSON', '${{ fromJSON(env.MANY) }}'],
    ['much searching', `\${{ ${Array(200).fill('contains(env.BIG, env.BIG)').join('&&')} }}`],
    ['searching in a long list', '${{ contains(fromJSON(env.MANY_TEXTS), env.BIG) }}'],
    ['half-written braces', '${{ format(env.BRACES, 1) }}'],
  ])('%s', (_, text) => {
    const env = {
      BIG: big,
      DEEP: deep,
      MANY: many,
      MANY_TEXTS: JSON.stringify(Array(1000).fill('a')),
      QUOTES: '"'.repeat(600_000),
      BRACES: '{0'.repeat(500_000),
    };
    expect(thrownBy(() => evaluateTemplate(text, { env }))).toMatchObject({ code: 'expression-failed' });
  });

  test('a text of 1 MiB is still fine', () => {
    expect(evaluateText('${{ env.BIG }}', { env: { BIG: big } })).toHaveLength(big.length);
  });

  test('a list of many values can be filtered', () => {
    const values = Array(90_000).fill(1) as number[];
    expect(evaluateTemplate('${{ env.A.*[0] }}', { env: { A: values } })).toEqual([]);
  });
});

describe('evaluateText', () => {
  test.each([
    ['${{ null }}', ''],
    ['${{ true }}', 'true'],
    ['${{ 1e3 }}', '1000'],
    ['${{ build.branch }}', 'main'],
  ])('%s is %j', (text, value) => {
    expect(evaluateText(text, CONTEXTS)).toBe(value);
  });

  test.each(['${{ build }}', '${{ build.tags }}'])('%s is no text', (text) => {
    expect(() => evaluateText(text, CONTEXTS)).toThrow(failure('text is needed'));
  });
});

describe('evaluateCondition', () => {
  test.each<[string, Status, boolean]>([
    ['true', 'failure', true],
    ["${{ build.branch == 'main' }}", 'success', true],
    ["build.branch == 'other'", 'success', false],
    ["''", 'success', false],
    ['build.tags', 'success', true],
    ['success()', 'success', true],
    ['success()', 'skipped', false],
    ['failure()', 'skipped', false],
    ['failure()', 'failure', true],
    ['failure()', 'cancelled', false],
    ['Cancelled()', 'cancelled', true],
    ['always()', 'cancelled', true],
    ['success() || build.number == 7', 'failure', true],
  ])('%s after %s is %j', (text, status, holds) => {
    expect(evaluateCondition(text, CONTEXTS, status)).toBe(holds);
  });

  test('one with something beside its ${{ }} fails, for it would always hold', () => {
    expect(() => evaluateCondition('${{ false }} && x', {}, 'success')).toThrow(
      failure('more stands beside'),
    );
  });
});

describe('hashFiles', () => {
  test('gives what is known', () => {
    const options = { hashFiles: (globs: string[]) => `#${globs.join('+')}` };
    expect(evaluateTemplate("npm-${{ hashFiles('a', 'b/**') }}", {}, options)).toBe('npm-#a+b/**');
  });

  test.each(["${{ hashFiles('a', 'b') }}", "${{ build[hashFiles('a', 'b')] }}"])(
    '%s asks for what is not known',
    (text) => {
      const error = thrownBy(() => evaluateTemplate(text, CONTEXTS, { hashFiles: () => undefined }));
      expect(error).toBeInstanceOf(HashNeeded);
      expect(error).toMatchObject({ globs: ['a', 'b'] });
    },
  );

  test('refuses what is no glob', () => {
    expect(() => evaluateTemplate('${{ hashFiles(1) }}', {}, { hashFiles: () => '' })).toThrow(
      failure('a glob must be text'),
    );
  });
});

test('isTemplate', () => {
  expect(['${{ a }}', '${{', '{{ a }}', '$ {{', ''].map(isTemplate)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

function failure(message: string): unknown {
  return expect.objectContaining({ code: 'expression-failed', message: expect.stringContaining(message) });
}

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
