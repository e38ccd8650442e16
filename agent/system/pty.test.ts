import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openPty } from './pty.ts';

test('does not hold up whoever types more than is read, and drops it with the terminal', async () => {
  const pty = openPty({ columns: 80, rows: 24 });
  const typed = new Promise<void>((resolve) => {
    pty.keyboard.write(Buffer.alloc(1024 * 1024, 'x'), () => resolve());
  });
  expect(pty.foreground()).toBeUndefined();
  pty.screen.destroy();
  await once(pty.screen, 'close');
  await typed;
  expect(pty.foreground()).toBeUndefined();
});
