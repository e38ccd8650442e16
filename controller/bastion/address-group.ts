import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.)/i;

/** Those who count as one: an IPv4 address, or the half of IPv6 addresses that one subscriber has. */
export function addressGroup(address: string): string {
  const plain = address.replace(MAPPED, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = (plain.split('%', 1)[0] ?? '').split('::');
  const before = parts(head);
  const after = tail === undefined ? [] : parts(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const all = [...before, ...zeros, ...after].slice(0, 4);
  return `${all.map((part) => Number.parseInt(part, 16).toString(16)).join(':')}::/64`;
}

function parts(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
