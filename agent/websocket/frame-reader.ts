import { OPCODE } from './frame-header.ts';

/** What a server says, one whole message or control frame at a time. */
export interface Received {
  opcode: number;
  payload: Buffer;
}

const EMPTY = Buffer.alloc(0);
const MAX_CONTROL_PAYLOAD = 125;

/**
 * Reads a server's frames (RFC 6455, section 5) from chunks of any size; fragments are put together. The result of each call are
 * the messages that its chunk completed.
 *
 * @throws Error for what the standard forbids, and for a message of more than `maxBytes`
 */
export function createFrameReader(maxBytes: number): (chunk: Buffer) => Received[] {
  let pending: Buffer = EMPTY;
  let fragments: Buffer[] = [];
  let opcode: number = OPCODE.continuation;

  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const received: Received[] = [];
    for (let frame = takeFrame(); frame !== undefined; frame = takeFrame()) {
      const message = assemble(frame);
      if (message !== undefined) received.push(message);
    }
    return received;
  };

  function takeFrame(): { head: number; payload: Buffer } | undefined {
    if (pending.length < 2) return undefined;
    const head = pending.readUInt8(0);
    const second = pending.readUInt8(1);
    if ((head & 0x70) !== 0) throw new Error('a frame uses an extension that was not agreed on');
    if ((second & 0x80) !== 0) throw new Error('a frame of the server is masked');
    const short = second & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (pending.length < start) return undefined;
    const length =
      start === 2 ? short : start === 4 ? pending.readUInt16BE(2) : Number(pending.readBigUInt64BE(2));
    if (length > maxBytes) throw new Error(`a message has more than ${maxBytes} bytes`);
    if (pending.length < start + length) return undefined;
    const payload = pending.subarray(start, start + length);
    pending = pending.subarray(start + length);
    return { head, payload };
  }

  function assemble({ head, payload }: { head: number; payload: Buffer }): Received | undefined {
    const isFinal = (head & 0x80) !== 0;
    const kind = head & 0x0f;
    if (kind >= OPCODE.close) {
      if (!isFinal || payload.length > MAX_CONTROL_PAYLOAD) throw new Error('a control frame is too long');
      return { opcode: kind, payload };
    }
    const continues = kind === OPCODE.continuation;
    if (continues !== fragments.length > 0) throw new Error('a fragment is out of order');
    if (!continues) opcode = kind;
    fragments.push(payload);
    if (fragments.reduce((sum, { length }) => sum + length, 0) > maxBytes)
      throw new Error(`a message has more than ${maxBytes} bytes`);
    if (!isFinal) return undefined;
    const whole = fragments.length === 1 ? payload : Buffer.concat(fragments);
    fragments = [];
    return { opcode, payload: whole };
  }
}
