import { STATUS } from './codes.ts';
import { Refusal } from './refusal.ts';

/** What a packet holds, read from its beginning. Each throws a Refusal where the packet ends too early. */
export interface Fields {
  u32(): number;
  /** A u64 that is a size or a place in a file. @throws Refusal beyond what a number holds; no file system goes so far */
  size(): number;
  bytes(): Buffer;
  /** One character a byte: names of files are bytes, and need not be UTF-8. */
  text(): string;
}

export function readFields(packet: Buffer): Fields {
  let at = 0;
  const fields: Fields = {
    u32: () => packet.readUInt32BE(take(4)),
    size() {
      const value = packet.readBigUInt64BE(take(8));
      if (value > Number.MAX_SAFE_INTEGER) throw new Refusal(STATUS.failure, 'no file is that large');
      return Number(value);
    },
    bytes() {
      const length = fields.u32();
      const start = take(length);
      return packet.subarray(start, start + length);
    },
    text: () => fields.bytes().toString('latin1'),
  };
  return fields;

  function take(length: number): number {
    if (length > packet.length - at) throw new Refusal(STATUS.badMessage, 'the request is cut off');
    const start = at;
    at += length;
    return start;
  }
}
