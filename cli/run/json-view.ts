import type { Output } from '../terminal/index.ts';
import type { BuildView } from './view.ts';

/** A build as JSON lines: its events as the API has them. Output is not among them; `footman logs` has it. */
export function createJsonView(out: Output): BuildView {
  return {
    event: (event) => out.write(`${JSON.stringify(event)}\n`),
    stepStarted: nothing,
    output: nothing,
    stepEnded: nothing,
    jobEnded: nothing,
    waiting: nothing,
    progress: () => undefined,
    close: () => undefined,
  };
}

async function nothing(): Promise<void> {}
