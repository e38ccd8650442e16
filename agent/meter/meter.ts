/** Counts what was transferred, and tells it while it changes, or is in trouble. */
export interface Meter {
  /** So far. */
  readonly files: number;
  readonly bytes: number;
  moved(bytes: number): void;
  /** So many files are through. */
  done(files: number): void;
  /** The bytes of one transfer, which begins again from nothing when it has failed. */
  flight(): Flight;
  /** Nothing is told any more. */
  stop(): void;
}

export interface Flight {
  moved(bytes: number): void;
  /** What moved so far has to move again. */
  restart(): void;
}

interface Progress {
  files: number;
  bytes: number;
  trouble?: string;
}

const INTERVAL_MS = 1_000;

/** @param trouble why nothing moves at the moment */
export function createMeter(tell: (progress: Progress) => void, trouble: () => string | undefined): Meter {
  let files = 0;
  let bytes = 0;
  let told = '';
  const timer = setInterval(tick, INTERVAL_MS);

  return {
    get files() {
      return files;
    },
    get bytes() {
      return bytes;
    },
    moved,
    done: (more) => void (files += more),
    flight() {
      let flown = 0;
      return {
        moved(more) {
          flown += more;
          moved(more);
        },
        restart() {
          moved(-flown);
          flown = 0;
        },
      };
    },
    stop: () => clearInterval(timer),
  };

  function moved(more: number): void {
    bytes += more;
  }

  function tick(): void {
    const reason = trouble()?.slice(0, 4096);
    const state = `${files} ${bytes} ${reason ?? ''}`;
    if (state === told && reason === undefined) return;
    told = state;
    tell({ files, bytes, ...(reason !== undefined && { trouble: reason }) });
  }
}
