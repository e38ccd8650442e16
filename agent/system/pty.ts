import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';

export interface PtySize {
  columns: number;
  rows: number;
}

/** A pseudo-terminal: the end that a terminal's screen and keyboard would have. */
export interface Pty {
  /** What a program opens as its terminal. */
  readonly path: string;
  /** What programs print. It ends when no program has the terminal open any more, once one had. Destroying it hangs up. */
  readonly screen: ReadStream;
  /** What is typed. Ending it types the character that stands for the end of the input. */
  readonly keyboard: Writable;
  resize(size: PtySize): void;
  /** The process group in the foreground; undefined as long as no program has made it its terminal. */
  foreground(): number | undefined;
}

const O_RDWR = 0o2;
const O_NOCTTY = 0o400;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_SETFL = 4;
const TIOCGPGRP = 0x540fn;
const TIOCSWINSZ = 0x5414n;
const MAX_PATH = 64;
const MAX_SIZE = 0xffff;
/** Control-D, which is so in every terminal that nobody has told otherwise. */
const END_OF_INPUT = Buffer.from([4]);
/** How long to wait before more is typed when programs have not read what was. Nothing tells when they have: see `type`. */
const TYPE_AGAIN_MS = 20;

/** @throws Error where the node has no pseudo-terminals, or too many are open */
export function openPty(size: PtySize): Pty {
  const libc = loadCalls();
  const fd = libc.posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) throw new Error('this node has no terminal to give: /dev/ptmx can not be opened');
  // Node.js leaves it to us for this end of a terminal.
  libc.fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
  // Not a plain import, which would load it when the agent starts.
  const screen = new (process.getBuiltinModule('node:tty').ReadStream)(fd);
  // EIO is how the system tells that the last program is gone; `close` follows.
  screen.on('error', () => undefined);
  const path = Buffer.alloc(MAX_PATH);
  if (libc.grantpt(fd) !== 0 || libc.unlockpt(fd) !== 0 || libc.ptsname_r(fd, path, BigInt(MAX_PATH)) !== 0) {
    screen.destroy();
    throw new Error('this node has no terminal to give: is /dev/pts mounted?');
  }
  resize(size);

  return {
    path: path.toString('latin1', 0, path.indexOf(0)),
    screen,
    keyboard: createKeyboard(fd, screen),
    resize,
    foreground() {
      const group = Buffer.alloc(4);
      if (screen.destroyed || libc.ioctl(fd, TIOCGPGRP, group) !== 0) return undefined;
      return group.readInt32LE(0) || undefined;
    },
  };

  function resize({ columns, rows }: PtySize): void {
    if (screen.destroyed) return;
    const both = Buffer.alloc(8);
    both.writeUInt16LE(Math.min(rows, MAX_SIZE), 0);
    both.writeUInt16LE(Math.min(columns, MAX_SIZE), 2);
    libc.ioctl(fd, TIOCSWINSZ, both);
  }
}

function createKeyboard(fd: number, screen: ReadStream): Writable {
  return new Writable({
    write: (bytes: Buffer, _encoding, typed) => type(bytes, typed),
    final: (typed) => type(END_OF_INPUT, typed),
  });

  /**
   * Node.js' own stream would wait in a loop, and with it all of the agent, when programs don't read what was typed. It can't tell either
   * when they have, since that stream has the descriptor: so it is tried again, which happens to no one but those who type into the void.
   */
  function type(bytes: Uint8Array, typed: () => void): void {
    let rest = bytes;
    while (rest.length > 0 && !screen.destroyed) {
      const count = writeSome(fd, rest);
      if (count === undefined) return typed();
      rest = rest.subarray(count);
      if (count === 0) return void setTimeout(() => type(rest, typed), TYPE_AGAIN_MS);
    }
    typed();
  }
}

/** The number of bytes that were taken; undefined if nobody will ever take any. */
function writeSome(fd: number, bytes: Uint8Array): number | undefined {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
  }
}

function loadCalls() {
  const { functions } = process.getBuiltinModule('node:ffi').dlopen('libc.so.6', {
    posix_openpt: { arguments: ['i32'], return: 'i32' },
    grantpt: { arguments: ['i32'], return: 'i32' },
    unlockpt: { arguments: ['i32'], return: 'i32' },
    ptsname_r: { arguments: ['i32', 'pointer', 'u64'], return: 'i32' },
    ioctl: { arguments: ['i32', 'u64', 'pointer'], return: 'i32' },
    fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  });
  return functions;
}
