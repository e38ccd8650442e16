import { BlockList, isIPv4 } from 'node:net';
import { FootmanError } from '#shared/errors';
import { z } from 'zod';

/** IPv4 addresses that machines of a bridge may get, both ends included. */
export interface AddressRange {
  first: number;
  last: number;
  /** Length of their network's prefix. */
  prefix: number;
}

const RANGE = /^([\d.]+)-([\d.]+)\/(\d{1,2})$/;
const HINT = 'write for example 10.0.0.10-10.0.0.50/24';

export const ipv4 = z.string().refine(isIPv4, 'write an IPv4 address such as 10.0.0.1');

/** `10.0.0.10-10.0.0.50/24`: from, to, and the length of their network's prefix. */
export const addressRange = z.string().transform((text, context): AddressRange => {
  const range = parseRange(text);
  if (range !== undefined) return range;
  const message = `${JSON.stringify(text)} is no range of addresses of one network`;
  context.issues.push({ code: 'custom', message, params: { hint: HINT }, input: text });
  return z.NEVER;
});

/**
 * The first address of the range that is free.
 *
 * @throws FootmanError `cloud-aborted` when all are taken
 */
export function freeAddress({ first, last }: AddressRange, taken: ReadonlySet<string>): string {
  for (let number = first; number <= last; number++) {
    const address = toText(number);
    if (!taken.has(address)) return address;
  }
  throw new FootmanError(
    'cloud-aborted',
    `all addresses from ${toText(first)} to ${toText(last)} are in use`,
  );
}

function parseRange(text: string): AddressRange | undefined {
  const [, from = '', to = '', bits = ''] = RANGE.exec(text) ?? [];
  const prefix = Number(bits);
  if (!isIPv4(from) || !isIPv4(to) || prefix < 1 || prefix > 30) return undefined;
  const network = new BlockList();
  network.addSubnet(from, prefix);
  const [first, last] = [toNumber(from), toNumber(to)];
  return first <= last && network.check(to) ? { first, last, prefix } : undefined;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.');
}
