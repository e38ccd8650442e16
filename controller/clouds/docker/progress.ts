/** What the engine said in the midst of its answer, which had begun as a good one. */
export class FailedProgress extends Error {}

/** Reads the events of a long request to their end. @throws FailedProgress */
export async function readProgress(events: AsyncIterable<Buffer>, onEvent?: () => void): Promise<void> {
  for await (const line of lines(events)) {
    onEvent?.();
    const failure = failureIn(line);
    if (failure !== undefined) throw new FailedProgress(failure);
  }
}

async function* lines(stream: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  yield rest;
}

/** The engine answers 200 before it knows the end; a failure is an event like any other. */
function failureIn(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const event: unknown = JSON.parse(line);
  if (typeof event !== 'object' || event === null || !('error' in event)) return undefined;
  return String(event.error);
}
