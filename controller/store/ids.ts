import { randomBytes } from 'node:crypto';

/** Crockford's base32, in lower case; its order is that of ASCII. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 2025-01-01: the 40 bits of milliseconds last until 2059, when ids begin to sort from the start. They stay unique. */
const EPOCH_MS = 1_735_689_600_000;
const TIME_CHARACTERS = 8;

/**
 * 16 characters: 40 bits of milliseconds, 10 of the microseconds in them, 30 random ones. Ids sort by the time of their making, two lines of
 * one millisecond included, and can't be guessed in bulk.
 */
export function newId(): string {
  const microseconds = Number(Temporal.Now.instant().epochNanoseconds / 1000n);
  const random = randomBytes(4).readUInt32BE() >>> 2;
  return firstIdOf(Math.floor(microseconds / 1000)) + digits(microseconds % 1000, 2) + digits(random, 6);
}

/** Sorts before all ids that were made from this time on, in milliseconds since the epoch, and after all that were made before. */
export function firstIdOf(at: number): string {
  return digits(Math.max(0, Math.floor(at) - EPOCH_MS), TIME_CHARACTERS);
}

function digits(value: number, count: number): string {
  let text = '';
  let left = value;
  for (let i = 0; i < count; i++) {
    text = ALPHABET.charAt(left % 32) + text;
    left = Math.floor(left / 32);
  }
  return text;
}

/** Not after any id of the same millisecond. */
export function startOf(id: string): string {
  return id.slice(0, TIME_CHARACTERS);
}
