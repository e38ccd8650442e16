import { describe, test } from 'vitest';

type Suite = (title: string, body: () => void) => void;

/**
 * How to describe a suite that needs a service which not every machine has. `reason` says why it can't be had here, undefined that it can.
 * Where it can't, the suite is skipped by name, with the reason in its title; with `CI` set, where everything must be there, it fails.
 */
export function optionalService(name: string, reason: string | undefined): Suite {
  if (reason === undefined) return (title, body) => describe(title, body);
  if (!isCi()) return (title, body) => describe.skip(`${title} (no ${name}: ${reason})`, body);
  return (title) => {
    test(`${title}: ${name} is there`, () => {
      throw new Error(`CI is set, so ${name} must be there: ${reason}`);
    });
  };
}

function isCi(): boolean {
  return (process.env['CI'] ?? '') !== '';
}
