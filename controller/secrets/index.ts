/** Secrets: sealed at rest, scoped, and given to the steps that name them. */
export { type NewSecret } from './check-secret.ts';
export { createKeyring, type Keyring } from './keyring.ts';
export type { Rotation } from './rotate.ts';
export { createSecrets, type DebuggingSecrets, type Secrets, type SecretInfo } from './secrets.ts';
