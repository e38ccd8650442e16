import type { SecretInfo } from '#controller/secrets';
import type { Secret } from './schema.ts';

export function viewSecret({ scope, name, debug, created_at, updated_at }: SecretInfo): Secret {
  return { scope, name, debug, createdAt: created_at, updatedAt: updated_at };
}
