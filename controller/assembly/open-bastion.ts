import { join } from 'node:path';
import type { Access } from '#controller/access';
import { createBastion, type Bastion } from '#controller/bastion';
import type { Configuration } from '#controller/config';
import type { Ground } from './ground.ts';

/** The bastion that the configuration asks for; null for none. */
export async function openBastion(
  { clock, logger }: Ground,
  access: Access,
  { bastion: settings, data }: Configuration,
): Promise<Bastion | null> {
  if (settings === null) return null;
  return createBastion({ access, clock, logger, settings, folder: join(data, 'bastion') });
}
