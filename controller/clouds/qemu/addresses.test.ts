import { expect, test } from 'vitest';
import { addressRange, freeAddress } from './addresses.ts';

test('addresses are given from the first to the last, and none twice', () => {
  const range = addressRange.parse('10.0.0.254-10.0.1.1/23');
  const taken = new Set<string>();
  for (const expected of ['10.0.0.254', '10.0.0.255', '10.0.1.0', '10.0.1.1']) {
    expect(freeAddress(range, taken)).toBe(expected);
    taken.add(expected);
  }
  expect(() => freeAddress(range, taken)).toThrow('all addresses from 10.0.0.254 to 10.0.1.1 are in use');
  taken.delete('10.0.0.255');
  expect(freeAddress(range, taken)).toBe('10.0.0.255');
});

test('the upper half of all addresses is no different', () => {
  expect(freeAddress(addressRange.parse('192.168.0.10-192.168.0.11/24'), new Set())).toBe('192.168.0.10');
});

test.each([
  '10.0.0.10',
  '10.0.0.10-10.0.0.50',
  '10.0.0.50-10.0.0.10/24',
  '10.0.0.10-10.0.1.50/24',
  '10.0.0.10-10.0.0.500/24',
  '10.0.0.10-10.0.0.50/33',
  'fe80::1-fe80::2/64',
])('%s is refused', (text) => {
  const result = addressRange.safeParse(text);
  expect(result.error?.issues[0]?.message).toContain(text);
});
