const HEADER_BYTES = 8;

/** The end of a container's output, at most so many bytes, out of Docker's stream format: per frame a kind, 3 zeros, a length, the bytes. */
export function tailOfLog(frames: Buffer, mostBytes: number): string {
  const parts: Buffer[] = [];
  let position = 0;
  while (position + HEADER_BYTES <= frames.length) {
    const start = position + HEADER_BYTES;
    const end = start + frames.readUInt32BE(position + 4);
    parts.push(frames.subarray(start, end));
    position = end;
  }
  const tail = Buffer.concat(parts).subarray(-mostBytes);
  return tail.toString('utf8', startOfCharacter(tail));
}

/** Where the first whole character begins: a cut may leave the end of one, which is up to three continuation bytes. */
function startOfCharacter(bytes: Buffer): number {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}
