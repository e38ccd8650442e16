import { MAX_PACKET_BYTES } from './limits.ts';

const LENGTH_BYTES = 4;

/**
 * Cuts a stream into packets (`length u32 | type u8 | …`), from chunks of any size. The result of each call are the packets that its
 * chunk completed, without their lengths, never empty; they may be views of the chunk.
 *
 * @throws Error for a length that no packet has
 */
export function createPacketReader(): (chunk: Buffer) => Buffer[] {
  // Joined only when a packet is whole: whoever sends single bytes must not have them copied each time.
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = LENGTH_BYTES;

  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return [];
    const [packets, rest] = cut(Buffer.concat(chunks));
    chunks = [rest];
    held = rest.length;
    return packets;
  };

  function cut(bytes: Buffer): [packets: Buffer[], rest: Buffer] {
    const packets: Buffer[] = [];
    let at = 0;
    for (;;) {
      wanted = LENGTH_BYTES;
      if (bytes.length - at < wanted) break;
      const length = bytes.readUInt32BE(at);
      if (length === 0 || length > MAX_PACKET_BYTES)
        throw new Error(`the SFTP client sent a packet of ${length} bytes`);
      wanted += length;
      if (bytes.length - at < wanted) break;
      packets.push(bytes.subarray(at + LENGTH_BYTES, at + wanted));
      at += wanted;
    }
    return [packets, bytes.subarray(at)];
  }
}
