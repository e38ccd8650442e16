/** The few system calls that Node.js has no function for, by its foreign function interface. */
export interface Libc {
  /** A pipe, closed on exec: a real one, unlike the socket pairs that `spawn` makes, which nothing can open again as /dev/stderr. */
  pipe(): { readable: number; writable: number };
  /** From now on, orphaned descendants become this process's own children, so that it can find them. */
  adoptOrphans(): void;
  /** Takes the exit status of a dead child that Node.js does not know of. */
  reap(pid: number): void;
}

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/** Large enough for a step to go on writing while the agent does something else; what an unprivileged process may have by default. */
const PIPE_BYTES = 1024 * 1024;

/** @throws Error on a C library that is not glibc; the agent's runtime brings its own */
export function loadLibc(): Libc {
  // Not a plain import: only this way is the module's warning about being experimental ours to hold back (main.ts).
  const { functions: libc } = process.getBuiltinModule('node:ffi').dlopen('libc.so.6', {
    pipe2: { arguments: ['pointer', 'i32'], return: 'i32' },
    fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
    waitpid: { arguments: ['i32', 'pointer', 'i32'], return: 'i32' },
  });
  const status = Buffer.alloc(4);

  return {
    pipe() {
      const ends = Buffer.alloc(8);
      if (libc.pipe2(ends, O_CLOEXEC) !== 0) throw new Error('no pipe could be made: too many open files?');
      const readable = ends.readInt32LE(0);
      // A smaller pipe is slower and nothing else.
      libc.fcntl(readable, F_SETPIPE_SZ, PIPE_BYTES);
      return { readable, writable: ends.readInt32LE(4) };
    },
    adoptOrphans: () => void libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n),
    reap: (pid) => void libc.waitpid(pid, status, WNOHANG),
  };
}
