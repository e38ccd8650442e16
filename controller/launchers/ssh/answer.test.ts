import { expect, test } from 'vitest';
import { z } from 'zod';
import { pairsOf, parseAnswer, textOf } from './answer.ts';

const Answer = z.object({ boot: z.string(), runtime: z.string().startsWith('/').optional() });

test('what a login shell says before is passed over', () => {
  const output = 'Welcome to lab\nboot=no\nfootman:boot=b-1\nfootman:runtime=/opt/a=b\n';
  expect(parseAnswer(output, Answer, 'lab')).toEqual({ boot: 'b-1', runtime: '/opt/a=b' });
});

test.each(['', 'footman:', 'footman:boot', 'footman:boot=x\nfootman:runtime=relative'])(
  '%j is no answer, and the error says whose',
  (output) => {
    expect(() => parseAnswer(output, Answer, 'lab')).toThrow(
      expect.objectContaining({ code: 'cloud-unavailable', message: expect.stringContaining('lab') }),
    );
  },
);

test('names that objects have by themselves do no harm', () => {
  expect(pairsOf('footman:__proto__=x')).toEqual([['__proto__', 'x']]);
  expect(parseAnswer('footman:__proto__=x\nfootman:boot=b', Answer, 'lab')).toEqual({ boot: 'b' });
});

test('text is what comes after the mark, also where it looks like an answer', () => {
  expect(textOf('Welcome\nfootman:\nfootman:boot=x\nlast')).toBe('footman:boot=x\nlast');
  expect(textOf('footman:\n')).toBe('');
  expect(textOf('Welcome\n')).toBeUndefined();
});
