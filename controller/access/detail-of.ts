import { createTextMask } from '#shared/masking';
import type { ChannelUse } from '#shared/protocol';

const MAX_CHARACTERS = 1000;

/** What others may read of it later: the command, without the secrets, or where a forwarding goes. */
export function detailOf(use: ChannelUse, secrets: readonly string[]): string | null {
  if (use.kind === 'forward') return `${use.host}:${use.port}`;
  if (use.kind !== 'exec') return null;
  const text = createTextMask(secrets)(use.command);
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
