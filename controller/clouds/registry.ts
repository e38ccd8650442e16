import { FootmanError } from '#shared/errors';
import { nearest } from '#shared/nearest';
import type { CloudKind } from './contract.ts';
import { dockerKind } from './docker/index.ts';
import { fakeKind } from './fake/index.ts';
import { processKind } from './process/index.ts';
import { qemuKind } from './qemu/index.ts';
import { sshKind } from './ssh/index.ts';

/** A kind loads its provider's library when a cloud of it is opened, not before: what nobody configured costs nothing. */
const KINDS: readonly CloudKind[] = [processKind, dockerKind, sshKind, qemuKind, fakeKind];

/** All words that may stand under `kind:`. */
export function cloudKinds(): string[] {
  return KINDS.map(({ kind }) => kind);
}

/** @throws FootmanError `configuration-invalid` for an unknown kind, with the nearest known ones as a hint. */
export function cloudKind(name: string): CloudKind {
  const found = KINDS.find(({ kind }) => kind === name);
  if (found !== undefined) return found;
  const close = nearest(name, cloudKinds());
  const hint =
    close.length > 0 ? `did you mean ${close.join(' or ')}?` : `known kinds: ${cloudKinds().join(', ')}`;
  throw new FootmanError('configuration-invalid', `there is no cloud of kind ${JSON.stringify(name)}`, {
    hint,
  });
}
