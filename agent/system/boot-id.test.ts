import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBootId } from './boot-id.ts';

test('the boot is the kernel’s, unless the cloud knows better', () => {
  const ofKernel = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  expect(readBootId({})).toBe(ofKernel);
  expect(readBootId({ FOOTMAN_BOOT_ID: '' })).toBe(ofKernel);
  expect(readBootId({ FOOTMAN_BOOT_ID: 'other' })).toBe('other');
});
