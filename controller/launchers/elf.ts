import { open, type FileHandle } from 'node:fs/promises';

/** What a dynamically linked program asks of its surroundings. */
export interface Dynamic {
  /** Absolute path of the C loader, as `PT_INTERP` names it; null in a library. */
  interpreter: string | null;
  /** Names of the libraries that it needs (`DT_NEEDED`), such as `libc.so.6`. */
  needed: string[];
}

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

const LOAD = 1;
const DYNAMIC = 2;
const INTERPRETER = 3;
const NEEDED = 1n;
const STRING_TABLE = 5n;
const STRING_TABLE_SIZE = 10n;

/** Reads the dynamic section of an ELF file: 64 bits, little-endian, as on x86-64 and arm64. Null for any other file. */
export async function readDynamic(path: string): Promise<Dynamic | null> {
  await using file = await open(path);
  const header = await read(file, 0, 64);
  if (header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return null;
  const segments = await readSegments(file, header);
  return { interpreter: await readInterpreter(file, segments), needed: await readNeeded(file, segments) };
}

async function readSegments(file: FileHandle, header: Buffer): Promise<Segment[]> {
  const size = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  const table = await read(file, Number(header.readBigUInt64LE(32)), size * count);
  return Array.from({ length: count }, (_, index) => {
    const entry = table.subarray(index * size);
    return {
      type: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(8)),
      address: Number(entry.readBigUInt64LE(16)),
      size: Number(entry.readBigUInt64LE(32)),
    };
  });
}

async function readInterpreter(file: FileHandle, segments: Segment[]): Promise<string | null> {
  const segment = segments.find(({ type }) => type === INTERPRETER);
  return segment === undefined ? null : textAt(await read(file, segment.offset, segment.size), 0);
}

async function readNeeded(file: FileHandle, segments: Segment[]): Promise<string[]> {
  const segment = segments.find(({ type }) => type === DYNAMIC);
  if (segment === undefined) return [];
  const section = await read(file, segment.offset, segment.size);
  const entries = Array.from({ length: Math.floor(section.length / 16) }, (_, index) => ({
    tag: section.readBigInt64LE(index * 16),
    value: Number(section.readBigUInt64LE(index * 16 + 8)),
  }));
  const address = entries.find(({ tag }) => tag === STRING_TABLE)?.value;
  const size = entries.find(({ tag }) => tag === STRING_TABLE_SIZE)?.value;
  if (address === undefined || size === undefined) return [];
  const strings = await read(file, offsetOf(address, segments), size);
  return entries.filter(({ tag }) => tag === NEEDED).map(({ value }) => textAt(strings, value));
}

/** Where in the file stands what is mapped at the address. */
function offsetOf(address: number, segments: Segment[]): number {
  const segment = segments.find(
    (each) => each.type === LOAD && address >= each.address && address < each.address + each.size,
  );
  return segment === undefined ? address : address - segment.address + segment.offset;
}

function textAt(strings: Buffer, start: number): string {
  return strings.toString('utf8', start, strings.indexOf(0, start));
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
