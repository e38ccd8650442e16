import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import type { Engine } from './engine.ts';
import type { RegistryLogin } from './engine-images.ts';
import { readProgress } from './progress.ts';

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
    const events = await engine.images.pull(image, login, AbortSignal.any([signal, idle.signal]));
    await readProgress(events, () => timer.refresh());
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
