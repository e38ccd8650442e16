/** A number is a u32, a bigint a u64, a text a string of one byte a character with its length, and bytes are themselves. */
export type Field = number | bigint | string | Uint8Array;

/** A packet as it goes over the wire. The fields' bytes are copied. */
export function writePacket(type: number, fields: readonly Field[]): Buffer {
  const length = fields.reduce<number>((sum, field) => sum + bytesOf(field), 1);
  const packet = Buffer.allocUnsafe(4 + length);
  packet.writeUInt32BE(length, 0);
  packet.writeUInt8(type, 4);
  let at = 5;
  for (const field of fields) {
    write(packet, field, at);
    at += bytesOf(field);
  }
  return packet;
}

function bytesOf(field: Field): number {
  if (typeof field === 'number') return 4;
  if (typeof field === 'bigint') return 8;
  return typeof field === 'string' ? 4 + field.length : field.length;
}

function write(packet: Buffer, field: Field, at: number): void {
  if (typeof field === 'number') packet.writeUInt32BE(field, at);
  else if (typeof field === 'bigint') packet.writeBigUInt64BE(field, at);
  else if (typeof field === 'string') {
    packet.writeUInt32BE(field.length, at);
    packet.write(field, at + 4, 'latin1');
  } else packet.set(field, at);
}
