import { expect, test } from 'vitest';
import { createOutputTail } from './output-tail.ts';

test('keeps what is short, in order', () => {
  const tail = createOutputTail(10);
  tail.write(Buffer.from('one '));
  tail.write(Buffer.from('two'));
  expect(tail.text()).toBe('one two');
  tail.write(Buffer.from('!'));
  expect(tail.text()).toBe('one two!');
});

test('of what is long it keeps the end, however it was written', () => {
  const whole = createOutputTail(10);
  const pieces = createOutputTail(10);
  const text = '0123456789'.repeat(500);
  whole.write(Buffer.from(`${text}the end`));
  for (const character of `${text}the end`) pieces.write(Buffer.from(character));
  expect(whole.text()).toBe('789the end');
  expect(pieces.text()).toBe('789the end');
});

test('a character that is cut in two is left out; what is no text stays visible as such', () => {
  const tail = createOutputTail(4);
  tail.write(Buffer.from('aa€b'));
  expect(tail.text()).toBe('€b');
  tail.write(Buffer.from('c'));
  tail.write(Buffer.from('d'));
  expect(tail.text()).toBe('bcd');
  const binary = createOutputTail(4);
  binary.write(Buffer.from([0xff, 0x41]));
  expect(binary.text()).toBe('\ufffdA');
});
