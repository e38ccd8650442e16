import { describe, expect, test } from 'vitest';
import { judgeBoot } from './judge-boot.ts';
import { createAgentTokens } from './tokens.ts';

const SERVES = { state: 'leased', boot: 'one', reboot_due_at: null, bootstrap_used_at: 1 } as const;
const REBOOTS = { ...SERVES, reboot_due_at: 99 };
/** The agent of the next boot was let in, and has not answered yet. */
const IS_BACK = { ...SERVES, boot: 'two', bootstrap_used_at: null };
const HELD = { ...SERVES, state: 'held' } as const;
const NEW = { state: 'connecting', boot: null, reboot_due_at: null, bootstrap_used_at: null } as const;

const BOOTSTRAP = { nodeId: 'n', use: 'bootstrap', boot: null } as const;
const REBOOT = { nodeId: 'n', use: 'reboot', boot: 'one' } as const;
const SESSION = { nodeId: 'n', use: 'session', boot: 'one' } as const;

describe('an agent goes on', () => {
  test.each([
    ['that is the first', NEW, BOOTSTRAP, 'one'],
    [
      'that comes again before it has answered',
      { ...NEW, boot: 'one', state: 'checking' as const },
      BOOTSTRAP,
      'one',
    ],
    ['in the boot that its node serves in', SERVES, SESSION, 'one'],
    ['that does not tell its boot', SERVES, SESSION, null],
    ['of a node that never told', { ...SERVES, boot: null }, { ...SESSION, boot: null }, 'one'],
    ['with a session of an earlier version, which is of no boot', SERVES, { ...SESSION, boot: null }, 'one'],
    ['in the boot that is to end', REBOOTS, SESSION, 'one'],
    ['of the next boot, whose welcome was lost', IS_BACK, REBOOT, 'two'],
    ['of the next boot of a held node, the same', { ...IS_BACK, state: 'held' as const }, REBOOT, 'two'],
    ['in the boot in which its node is held', HELD, SESSION, 'one'],
  ] as const)('%s', (_, node, claims, boot) => {
    expect(judgeBoot(node, claims, boot)).toEqual({ kind: 'same' });
  });
});

test('the agent of the next boot ends a reboot', () => {
  expect(judgeBoot(REBOOTS, REBOOT, 'two')).toEqual({ kind: 'rebooted', from: 'one', to: 'two' });
});

test('another boot of a held node is for whoever holds it to know', () => {
  expect(judgeBoot(HELD, SESSION, 'two')).toEqual({ kind: 'anew', to: 'two', isRevived: false });
  expect(judgeBoot(HELD, REBOOT, 'two')).toEqual({ kind: 'anew', to: 'two', isRevived: true });
});

test.each([
  ['serves', SERVES, SESSION],
  ['idles', { ...SERVES, state: 'ready' as const }, SESSION],
  ['is being checked', { ...NEW, state: 'checking' as const, boot: 'one' }, BOOTSTRAP],
])('another boot of a node that %s is unexpected', (_, node, claims) => {
  expect(judgeBoot(node, claims, 'two')).toEqual({ kind: 'unexpected' });
});

describe('an agent is refused', () => {
  test.each([
    ['with a bootstrap that was used', { ...NEW, bootstrap_used_at: 1 }, BOOTSTRAP, 'one', /used before/],
    ['with the first bootstrap after a reboot', IS_BACK, BOOTSTRAP, 'two', /used before/],
    ['with the next bootstrap in the boot that is to end', REBOOTS, REBOOT, 'one', /not been rebooted yet/],
    [
      'with the next bootstrap when it does not tell its boot',
      REBOOTS,
      REBOOT,
      null,
      /not been rebooted yet/,
    ],
    ['with a bootstrap for another reboot', REBOOTS, { ...REBOOT, boot: 'zero' }, 'two', /used before/],
    ['with a bootstrap for a reboot that nobody asked for', SERVES, REBOOT, 'two', /used before/],
    ['with one that was used', { ...IS_BACK, bootstrap_used_at: 2 }, REBOOT, 'two', /used before/],
    ['with one that is two boots old', { ...IS_BACK, boot: 'three' }, REBOOT, 'two', /used before/],
    ['with its first bootstrap when its node is held', HELD, BOOTSTRAP, 'two', /used before/],
    [
      'of a held node, with a bootstrap that was used',
      { ...HELD, boot: 'two' },
      REBOOT,
      'two',
      /used before/,
    ],
    [
      'of a held node, with a bootstrap for the boot that it is in',
      HELD,
      REBOOT,
      'one',
      /not been rebooted yet/,
    ],
    [
      'of the boot before of a held node',
      { ...HELD, boot: 'two' },
      SESSION,
      'one',
      /has been rebooted since/,
    ],
    ['of the boot before', IS_BACK, SESSION, 'one', /has been rebooted since/],
    ['of the next boot with a session of the one before', REBOOTS, SESSION, 'two', /of the boot before/],
  ] as const)('%s', (_, node, claims, boot, message) => {
    expect(() => judgeBoot(node, claims, boot)).toThrow(
      expect.objectContaining({ code: 'agent-refused', message: expect.stringMatching(message) }),
    );
  });
});

test('tokens tell the boot that they are of, and are good as long as it takes', () => {
  const keys = { derive: () => Buffer.alloc(32, 1) };
  const tokens = createAgentTokens({ keys, controllerId: 'c', bootstrapMs: 60_000 });
  expect(tokens.verify(tokens.reboot('n', 'one', 1000))).toEqual(REBOOT);
  expect(tokens.verify(tokens.session('n', 'one'))).toEqual(SESSION);
  expect(tokens.verify(tokens.session('n', null))).toEqual({ ...SESSION, boot: null });
  expect(tokens.verify(tokens.bootstrap('n'))).toEqual(BOOTSTRAP);
  expect(() => tokens.verify(tokens.reboot('n', 'one', -1000))).toThrow(/its time is up/);
});
