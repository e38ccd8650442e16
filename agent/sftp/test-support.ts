import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair, type Duplex } from 'node:stream';
import { PACKET } from './codes.ts';
import { readFields, type Fields } from './fields.ts';
import { createPacketReader } from './packet-reader.ts';
import { writePacket, type Field } from './packet-writer.ts';
import { serveSftp } from './serve-sftp.ts';

export interface Reply {
  type: number;
  id: number;
  fields: Fields;
}

/** A client of the server's, in a folder of its own. */
export interface TestClient extends AsyncDisposable {
  folder: string;
  /** What is written here comes to the server as it is. */
  stream: Duplex;
  /** The server's end. */
  served: Duplex;
  /** Ends the server at once. */
  abort(): void;
  /** The next packet that the server sends, when there is one. */
  next(): Promise<Reply>;
  /** Sends a request and takes the next answer. */
  request(type: number, ...fields: Field[]): Promise<Reply>;
  /** As `request`, for what is answered by a status. */
  status(type: number, ...fields: Field[]): Promise<number>;
  /** Settles when the server is done. */
  over: Promise<void>;
}

export const NO_ATTRIBUTES = 0;

/** Starts a server, and a client that it has greeted. */
export async function createTestClient(): Promise<TestClient> {
  const client = await createStranger();
  client.stream.write(writePacket(PACKET.init, [3]));
  const { type } = await client.next();
  if (type !== PACKET.version) throw new Error(`the server greeted with ${type}`);
  return client;
}

/** A client that has said nothing yet. */
export async function createStranger(): Promise<TestClient> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-sftp-'));
  const [stream, served] = duplexPair();
  const controller = new AbortController();
  const over = serveSftp(served, { folder, signal: controller.signal });
  over.catch(() => undefined);
  const read = createPacketReader();
  const packets: Buffer[] = [];
  let lastId = 0;

  const client: TestClient = {
    folder,
    stream,
    served,
    abort: () => controller.abort(),
    async next() {
      while (packets.length === 0) {
        const chunk = stream.read() as Buffer | null;
        if (chunk === null) await once(stream, 'readable');
        else packets.push(...read(chunk));
      }
      const packet = packets.shift() ?? Buffer.alloc(5);
      const isVersion = packet[0] === PACKET.version;
      return {
        type: packet.readUInt8(0),
        id: isVersion ? 0 : packet.readUInt32BE(1),
        fields: readFields(packet.subarray(5)),
      };
    },
    async request(type, ...fields) {
      stream.write(writePacket(type, [++lastId, ...fields]));
      return await client.next();
    },
    async status(type, ...fields) {
      const reply = await client.request(type, ...fields);
      if (reply.type !== PACKET.status) throw new Error(`no status, but ${reply.type}`);
      return reply.fields.u32();
    },
    over,
    async [Symbol.asyncDispose]() {
      controller.abort();
      await over.catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return client;
}
