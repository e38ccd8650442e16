import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import type { Engine, RegistryLogin } from './engine.ts';

/** An engine that says nothing about a pull for so long is stuck, in milliseconds. */
const IDLE_LIMIT = 120_000;

/** Pulls an image, for as long as there is progress. The engine itself fetches what several pulls want only once. */
export async function pullImage(
  engine: Engine,
  image: string,
  login: RegistryLogin | undefined,
  signal: AbortSignal,
): Promise<void> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(stuck(image)), IDLE_LIMIT);
  try {
    const events = await engine.pull(image, login, AbortSignal.any([signal, idle.signal]));
    for await (const line of lines(events)) {
      timer.refresh();
      const failure = failureIn(line);
      if (failure !== undefined) throw new Error(failure);
    }
  } catch (error) {
    idle.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function stuck(image: string): FootmanError {
  const message = `the pull of ${image} made no progress for ${formatDuration(IDLE_LIMIT)}`;
  return new FootmanError('cloud-unavailable', message);
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
