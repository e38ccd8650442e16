import { expect, test } from 'vitest';
import { checkParameters, type Parameter } from '#shared/pipeline';

const PARAMETERS: Record<string, Parameter> = {
  branch: { type: 'string', default: 'main' },
  osds: { type: 'number', default: 3 },
  debug: { type: 'boolean', default: false },
  size: { type: 'choice', options: ['small', 'big'], default: 'small' },
};

test('defaults stand in for what is not given', () => {
  expect(checkParameters(PARAMETERS, {})).toEqual({
    ok: true,
    values: { branch: 'main', osds: 3, debug: false, size: 'small' },
  });
});

test.each([
  ['branch', '', ''],
  ['branch', 1.5, '1.5'],
  ['branch', true, 'true'],
  ['osds', '5', 5],
  ['osds', ' -1e3 ', -1000],
  ['osds', 0, 0],
  ['debug', 'true', true],
  ['debug', 'false', false],
  ['debug', true, true],
  ['size', 'big', 'big'],
])('%s takes %j as %j', (name, given, value) => {
  expect(checkParameters(PARAMETERS, { [name]: given })).toMatchObject({
    ok: true,
    values: { [name]: value },
  });
});

test.each([
  ['osds', 'three', 'takes a number', undefined],
  ['osds', '', 'takes a number', undefined],
  ['osds', Infinity, 'takes a number', undefined],
  ['osds', true, 'takes a number', undefined],
  ['debug', 'yes', 'takes true or false', undefined],
  ['debug', 1, 'takes true or false', undefined],
  ['size', 'huge', 'has no choice "huge"', 'its choices: small, big'],
  ['branch', {}, 'takes text', undefined],
  ['branch', ['a'], 'takes text', undefined],
  ['branch', 'a\0b', 'NUL', undefined],
  ['branch', 'x'.repeat(16_385), 'more than 16384 characters', undefined],
  ['branch', null, 'needs a value', undefined],
  ['brnch', 'x', 'there is no parameter brnch', 'did you mean branch?'],
  ['toString', 'x', 'there is no parameter toString', 'the parameters: branch, osds, debug, size'],
])('%s refuses %.20j', (name, given, message, hint) => {
  const checked = checkParameters(PARAMETERS, { [name]: given });
  expect(checked).toMatchObject({
    ok: false,
    problems: [{ name, message: expect.stringContaining(message) }],
  });
  expect(checked.ok ? undefined : checked.problems[0]?.hint).toBe(hint);
});

test('everything that is wrong is said at once', () => {
  const parameters: Record<string, Parameter> = {
    ...PARAMETERS,
    ticket: { type: 'string', description: 'the number of the ticket' },
  };
  const checked = checkParameters(parameters, { osds: 'x', debug: 'y', other: 1 });
  expect(checked.ok ? [] : checked.problems.map(({ name }) => name).toSorted()).toEqual([
    'debug',
    'osds',
    'other',
    'ticket',
  ]);
  expect(checked).toMatchObject({
    problems: expect.arrayContaining([
      { name: 'ticket', message: 'the parameter ticket needs a value', hint: 'the number of the ticket' },
    ]),
  });
});

test('a parameter may be called as no object should be', () => {
  const parameters = JSON.parse('{"__proto__": {"type": "string"}}') as Record<string, Parameter>;
  const given = JSON.parse('{"__proto__": "x"}') as Record<string, unknown>;
  const checked = checkParameters(parameters, given);
  expect(checked.ok && Object.entries(checked.values)).toEqual([['__proto__', 'x']]);
});
