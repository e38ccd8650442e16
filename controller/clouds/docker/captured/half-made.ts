import { statusOf } from '../engine-error.ts';
import type { EngineImages } from '../engine-images.ts';
import { IMAGE_LABEL, OWNER_LABEL } from '../names.ts';

/** How long an image may be without its tag while somebody makes it, in milliseconds. */
const GRACE = 300_000;

/** Removes images of the controller that never got their tag, or lost it while others stood on them, and that nobody works on. */
export async function removeHalfMade(
  images: EngineImages,
  controllerId: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await images.listUntagged([`${OWNER_LABEL}=${controllerId}`], signal);
  const old = found.filter(({ createdAt }) => createdAt < Date.now() - GRACE);
  await removeAll(images, old, signal);
}

/** Removes what captures under this name have left; nobody makes one now. */
export async function removeHalfMadeOf(
  images: EngineImages,
  controllerId: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const labels = [`${OWNER_LABEL}=${controllerId}`, `${IMAGE_LABEL}=${name}`];
  await removeAll(images, await images.listUntagged(labels, signal), signal);
}

async function removeAll(
  images: EngineImages,
  found: readonly { id: string }[],
  signal: AbortSignal,
): Promise<void> {
  for (const { id } of found) {
    await images.remove(id, signal).catch((error: unknown) => {
      // Something stands on it, or somebody else was first.
      if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
    });
  }
}
