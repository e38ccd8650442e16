import { FootmanError } from '#shared/errors';
import type { Engine } from './engine.ts';
import type { EngineImage } from './engine-images.ts';
import { pullImage } from './pull-image.ts';
import { registryOf, type Logins } from './registry-logins.ts';
import type { DockerTemplate } from './schema.ts';

interface Wanted extends Pick<DockerTemplate, 'pull'> {
  image: string;
}

/**
 * Sees to it that the engine has the image, as the pull policy says. An image that is there costs one short request, or the registry's
 * word under `pull: always`.
 */
export async function ensureImage(
  engine: Engine,
  logins: Logins,
  { image, pull }: Wanted,
  signal: AbortSignal,
): Promise<EngineImage> {
  if (pull !== 'always') {
    const found = await engine.images.find(image, signal);
    if (found !== undefined) return found;
    if (pull === 'never')
      throw missing(image, 'pull: never forbids to fetch it', 'pull it by hand, or set pull: missing');
  }
  await pullImage(engine, image, await logins.of(registryOf(image)), signal);
  const found = await engine.images.find(image, signal);
  if (found === undefined)
    throw missing(image, 'although it was pulled a moment ago', 'is something removing images there?');
  return found;
}

function missing(image: string, why: string, hint: string): FootmanError {
  return new FootmanError('cloud-refused', `there is no image ${image} on the Docker Engine, and ${why}`, {
    hint,
  });
}
