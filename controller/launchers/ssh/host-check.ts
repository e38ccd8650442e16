import { FootmanError } from '#shared/errors';
import type { HostKeys, Machine } from './contract.ts';
import {
  algorithmsFor,
  fingerprint,
  hostKeyOf,
  parseHostKey,
  type HostKey,
  type HostKeyAlgorithm,
} from './host-key.ts';
import { placeOf, titleOf } from './place.ts';

/** The check of a machine's host key over one login. */
export interface HostCheck {
  /** In which the machine may prove who it is. */
  algorithms: HostKeyAlgorithm[];
  /** Whether the key that the machine shows is the right one. */
  verify(blob: Buffer): boolean;
  /** Why the machine is the wrong one: it showed another key, or, where `isWithoutKey`, none of the known types. */
  refusal(isWithoutKey: boolean): FootmanError | undefined;
  /** To be called after the login: a first key is kept from now on. Throws where another was kept meanwhile. */
  accepted(): Promise<void>;
}

export async function createHostCheck(machine: Machine): Promise<HostCheck> {
  const { hostKeys } = machine;
  const place = placeOf(machine);
  const expected = await expectedKeys(hostKeys, place);
  if (hostKeys.mode === 'pinned' && expected.length === 0) throw withoutKeys(machine);
  let shown: HostKey | undefined;
  let isWrong = false;

  return {
    algorithms: algorithmsFor(expected),
    verify(blob) {
      shown = hostKeyOf(blob);
      isWrong = expected.length > 0 && !isAmong(expected, shown);
      return !isWrong;
    },
    refusal(isWithoutKey) {
      if (isWrong) return wrongKey(machine, expected, shown);
      return isWithoutKey ? wrongKey(machine, expected, undefined) : undefined;
    },
    async accepted() {
      if (hostKeys.mode === 'pinned' || shown === undefined) return;
      if (expected.length === 0) await hostKeys.known.remember(place, shown.text);
      const kept = await expectedKeys(hostKeys, place);
      if (!isAmong(kept, shown)) throw wrongKey(machine, kept, shown);
    },
  };
}

async function expectedKeys(hostKeys: HostKeys, place: string): Promise<HostKey[]> {
  if (hostKeys.mode === 'pinned') return hostKeys.keys.map(parseHostKey);
  const known = await hostKeys.known.find(place);
  return known === null ? [] : [parseHostKey(known)];
}

function isAmong(keys: HostKey[], key: HostKey): boolean {
  return keys.some(({ text }) => text === key.text);
}

function wrongKey(machine: Machine, expected: HostKey[], shown: HostKey | undefined): FootmanError {
  const good = expected.map(show).join(' or ') || 'any of a type that is good enough';
  const found = shown === undefined ? 'it has none of that type' : `it shows ${show(shown)}`;
  const cure =
    machine.hostKeys.mode === 'pinned'
      ? 'put its new host key into the configuration'
      : `remove ${placeOf(machine)} from the known hosts`;
  return new FootmanError(
    'cloud-refused',
    `the host key of ${titleOf(machine)} should be ${good}, and ${found}`,
    {
      hint: `if the machine was installed anew, ${cure}; else something may stand between it and the controller`,
    },
  );
}

function withoutKeys(machine: Machine): FootmanError {
  return new FootmanError('cloud-refused', `no host key of ${titleOf(machine)} is known`, {
    hint: 'give at least one of its host keys, or trust the first one that it shows',
  });
}

function show({ type, text }: HostKey): string {
  return `${type} ${fingerprint(text)}`;
}
