import type { Readable } from 'node:stream';

/** What came over a channel for one stream of it, until whoever reads the stream wants it. */
export interface Inlet {
  /** The stream's own `read`. */
  read(): void;
  take(bytes: Uint8Array): void;
  /** Nothing more will come. */
  end(): void;
  /** Nothing more will come, and what is here goes to the stream at once: there is nobody left to slow down. */
  flush(): void;
}

/** `handed` is told of bytes when the stream has room for them; `streamOf` is asked from the first read on. */
export function createInlet(streamOf: () => Readable, handed: (bytes: number) => void): Inlet {
  const queue: Uint8Array[] = [];
  let wants = false;
  let hasEnded = false;
  let isOver = false;

  return {
    read() {
      wants = true;
      move();
    },
    take(bytes) {
      queue.push(bytes);
      move();
    },
    end() {
      hasEnded = true;
      move();
    },
    flush() {
      hasEnded = true;
      for (const bytes of queue.splice(0)) streamOf().push(bytes);
      move();
    },
  };

  function move(): void {
    while (wants) {
      const bytes = queue.shift();
      if (bytes === undefined) break;
      handed(bytes.length);
      wants = streamOf().push(bytes);
    }
    if (!hasEnded || isOver || queue.length > 0) return;
    isOver = true;
    streamOf().push(null);
  }
}
