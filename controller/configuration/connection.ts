import { isDeepStrictEqual } from 'node:util';
import type { CloudConfiguration } from '#controller/config';

/** Whether both are one provider, spoken to in one way: what the one has made, the other can remove. */
export function isSameConnection(one: CloudConfiguration, other: CloudConfiguration): boolean {
  return one.kind.kind === other.kind.kind && isDeepStrictEqual(one.settings, other.settings);
}
