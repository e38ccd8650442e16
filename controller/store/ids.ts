import { randomBytes } from 'node:crypto';

/** Crockford's base32, in lower case; its order is that of ASCII. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 2025-01-01: the 40 bits of time last until 2059, when ids begin to sort from the start. They stay unique. */
const EPOCH_MS = 1_735_689_600_000;
const TIME_CHARACTERS = 8;

/** 16 characters: 40 bits of milliseconds, then 40 random ones, so that ids sort by the time of their making and can't be guessed in bulk. */
export function newId(): string {
  let time = Math.max(0, Date.now() - EPOCH_MS);
  let id = '';
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    id = ALPHABET.charAt(time % 32) + id;
    time = Math.floor(time / 32);
  }
  let random = randomBytes(5).readUIntBE(0, 5);
  for (let i = 0; i < 8; i++) {
    id += ALPHABET.charAt(random % 32);
    random = Math.floor(random / 32);
  }
  return id;
}

/** Not after any id of the same millisecond, in which ids have no order. */
export function startOf(id: string): string {
  return id.slice(0, TIME_CHARACTERS);
}
