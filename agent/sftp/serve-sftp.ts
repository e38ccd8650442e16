import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { PACKET } from './codes.ts';
import { readFields } from './fields.ts';
import { createOutbox } from './outbox.ts';
import { createPacketReader } from './packet-reader.ts';
import { writePacket } from './packet-writer.ts';
import { refusalOf } from './refusal.ts';
import { statusAnswer, type Answer } from './request.ts';
import { EXTENSIONS, findRequest } from './requests.ts';
import { createSession, type Session } from './session.ts';

export interface SftpOptions {
  /** Where names begin that are not absolute. */
  folder: string;
  signal: AbortSignal;
}

/** Of SFTP: the one that all clients speak. */
const VERSION = 3;
const ID_BYTES = 4;

/**
 * Serves the files of this machine to an SFTP client at the other end of the stream, one request after another. While many answers
 * wait for the client, no request is read. Resolves when the client has ended the stream and has all answers; the stream is ended then.
 *
 * @throws Error for what is not SFTP, and when the stream breaks or the signal ends it; the stream is destroyed then
 */
export async function serveSftp(stream: Duplex, { folder, signal }: SftpOptions): Promise<void> {
  const session = createSession(folder);
  const abort = (): void => void stream.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await answerAll(stream, session);
    await session.handles.closeAll();
    await finished(stream.end(), { readable: false });
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    await session.handles.closeAll();
  }
}

async function answerAll(stream: Duplex, session: Session): Promise<void> {
  const read = createPacketReader();
  const outbox = createOutbox(stream);
  let isGreeted = false;
  // A plain loop would destroy the stream at its end, and with it the last answers.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }))
    for (const packet of read(chunk as Buffer)) {
      const isGreeting = packet[0] === PACKET.init;
      if (isGreeting === isGreeted) throw new Error('the SFTP client greeted not at all, or twice');
      await outbox.send(isGreeting ? greeting() : await respond(packet, session));
      isGreeted = true;
    }
}

function greeting(): Buffer {
  const extensions = [...EXTENSIONS].flatMap(([name, { version }]) => [name, version]);
  return writePacket(PACKET.version, [VERSION, ...extensions]);
}

async function respond(packet: Buffer, session: Session): Promise<Buffer> {
  if (packet.length < 1 + ID_BYTES) throw new Error('the SFTP client sent a request without a number');
  const { type, fields } = await answer(packet, session);
  return writePacket(type, [packet.readUInt32BE(1), ...fields]);
}

async function answer(packet: Buffer, session: Session): Promise<Answer> {
  try {
    const fields = readFields(packet.subarray(1 + ID_BYTES));
    return await findRequest(packet.readUInt8(0), fields)(fields, session);
  } catch (error) {
    const { status, message } = refusalOf(error);
    return statusAnswer(status, message);
  }
}
