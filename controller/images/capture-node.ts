import { clockSleep, type Clock } from '#controller/clock';
import type { CapturedImage, Cloud, NodeReference } from '#controller/clouds';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';
import type { ImageVersion } from '#controller/store';
import { adviceOf, FootmanError, toFootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';

export interface CaptureDeps {
  clock: Clock;
  logger: Logger;
  fleet: Pick<Fleet, 'connection'>;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
const INSPECT_MS = 10_000;

/**
 * Has the cloud capture the node. While the cloud is not available it is asked again, later each time, until `limitMs` have passed since the
 * version was intended: whatever was half done is finished by the next call.
 *
 * @throws FootmanError that trying again would not change, or that tells of the time; or the signal's reason
 */
export async function captureNode(
  { clock, logger, fleet }: CaptureDeps,
  node: NodeReference,
  { name, cloud, state_since: since }: ImageVersion,
  limitMs: number,
  signal: AbortSignal,
): Promise<CapturedImage> {
  const due = since + limitMs;
  let problem: FootmanError | null = null;
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)) {
    signal.throwIfAborted();
    if (clock.now() >= due) throw tooLate(limitMs, problem);
    const connection = fleet.connection(cloud);
    const images = connection?.images;
    if (connection === undefined || images === undefined)
      throw new FootmanError('configuration-invalid', `cloud ${cloud} is not configured any more`);
    try {
      return await limited(clock, due - clock.now(), signal, (bounded) =>
        images.capture(node, name, bounded),
      );
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toFootmanError(thrown);
      if (clock.now() >= due) throw tooLate(limitMs, problem);
      if (error.code === 'cloud-refused' && (await isGone(connection, node, clock, signal)))
        throw new FootmanError('cloud-aborted', 'its node has vanished', { cause: error });
      if (error.code !== 'cloud-unavailable') throw error;
      problem = error;
    }
    logger.warn(
      { err: problem, version: name, node: node.id, cloud, retryMs },
      'a capture failed; it is tried again',
    );
    await clockSleep(clock, Math.min(retryMs, due - clock.now()), signal);
  }
}

/** A cloud refuses to capture what is not there; that is none of the job's fault. */
async function isGone(
  cloud: Pick<Cloud, 'inspect'>,
  node: NodeReference,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  if (cloud.inspect === undefined) return false;
  const inspect = cloud.inspect.bind(cloud);
  try {
    const condition = await limited(clock, INSPECT_MS, signal, (bounded) => inspect(node, bounded));
    return condition.state === 'gone';
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function tooLate(limitMs: number, problem: FootmanError | null): FootmanError {
  const why = problem === null ? '' : `: ${adviceOf(problem)}`;
  return new FootmanError('cloud-unavailable', `it was not done within ${formatDuration(limitMs)}${why}`);
}
