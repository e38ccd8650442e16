const BLOCK_BYTES = 512;
const OCTAL_DIGITS = 11;
const MAX_OCTAL = 8 ** OCTAL_DIGITS - 1;
const MAX_NAME_BYTES = 100;

/** One member of a tar. */
export interface TarMember {
  path: string;
  bytes: number;
  /** Permission bits. */
  mode: number;
  /** Milliseconds since the epoch. */
  modified: number;
  /** Where it leads, if it is a link. */
  link?: string;
}

/** What stands before the member's bytes: its header as POSIX has it (ustar), and before that what has no room in there (pax). */
export function tarHeader(member: TarMember): Buffer {
  const { path, bytes, link = '' } = member;
  const records = [
    ...(isPlain(path) ? [] : [record('path', path)]),
    ...(isPlain(link) ? [] : [record('linkpath', link)]),
    ...(bytes > MAX_OCTAL ? [record('size', String(bytes))] : []),
  ];
  const header = block(member, link === '' ? '0' : '2');
  if (records.length === 0) return header;
  const extended = Buffer.concat(records);
  const before = { path: 'pax', bytes: extended.length, mode: 0o644, modified: 0 };
  return Buffer.concat([block(before, 'x'), extended, padding(extended.length), header]);
}

/** Zeros that fill the last block of so many bytes. */
export function padding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** Two empty blocks. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK_BYTES);
}

function block({ path, bytes, mode, modified, link = '' }: TarMember, type: string): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(path.slice(0, MAX_NAME_BYTES), 0, MAX_NAME_BYTES);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes > MAX_OCTAL ? 0 : bytes, OCTAL_DIGITS), 124);
  header.write(octal(Math.min(Math.max(Math.floor(modified / 1000), 0), MAX_OCTAL), OCTAL_DIGITS), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(link.slice(0, MAX_NAME_BYTES), 157, MAX_NAME_BYTES);
  header.write('ustar\u{0}00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u{0} `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Readers disagree about the encoding of other names than these. */
function isPlain(name: string): boolean {
  return name.length <= MAX_NAME_BYTES && /^[\x20-\x7e]*$/.test(name);
}

/** A record of a pax header, which begins with its own length. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
