import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** A TCP socket that somebody listens on. */
export interface ListeningSocket {
  port: number;
  /** As /proc has it, in the usual notation; `0.0.0.0` and `::` for all. */
  address: string;
  inode: string;
}

const LISTEN = '0A';

/** All of the node's network. */
export function listeningSockets(): ListeningSocket[] {
  return ['/proc/net/tcp6', '/proc/net/tcp'].flatMap((path) => parseSockets(textOf(path)));
}

/** `SL LOCAL REMOTE STATE QUEUES TIMER RETRANSMITS UID TIMEOUT INODE …`, the local address in hexadecimal. */
export function parseSockets(table: string): ListeningSocket[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    if (state !== LISTEN) return [];
    const [address = '', port = ''] = local.split(':');
    return [{ port: parseInt(port, 16), address: readAddress(address), inode }];
  });
}

/** Words of 32 bits, each in the machine's own order: little-endian wherever the runtime runs. */
function readAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex').swap32();
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Processes that go by this name. */
export function pidsOf(name: string): string[] {
  return entriesOf('/proc').filter((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/comm`) === `${name}\n`);
}

/** Inodes of the sockets that the process has; none where that is not for us to see. */
export function socketsOf(pid: string): string[] {
  return entriesOf(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
