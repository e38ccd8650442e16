import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bytes, duration, formatBytes, formatDuration } from './index.ts';

describe('duration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
    ['3650d', 315_360_000_000],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(duration.parse(text)).toBe(milliseconds);
  });

  test.each([
    '',
    ' ',
    '10',
    '-1s',
    '1.5h',
    '1h 30m',
    '30m1h',
    '1s1s',
    '10 m',
    '1H',
    'h',
    '1e3s',
    '٣s',
    '1s\n',
  ])('%j is refused', (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  });

  test('what is longer than ten years is refused, with any number of digits', () => {
    expect(problem(duration, '3651d').message).toBe('3651d is too long');
    expect(duration.safeParse(`${'9'.repeat(400)}d`).success).toBe(false);
  });

  test('a number without a unit is told which unit to add', () => {
    expect(problem(duration, 90).message).toBe('90 has no unit; write 90s for seconds, or 90m for minutes');
    expect(problem(duration, '90').hint).toContain('write 90s for seconds');
  });
});

describe('bytes', () => {
  test.each([
    [4096, 4096],
    ['4096', 4096],
    ['7B', 7],
    ['100kB', 100_000],
    ['512MiB', 536_870_912],
    ['2GiB', 2_147_483_648],
    ['10GB', 10_000_000_000],
    [0, 0],
  ])('%s is %d bytes', (size, total) => {
    expect(bytes.parse(size)).toBe(total);
  });

  test.each(['', '512M', '1.5GiB', '-1', '1 GiB', 'MiB', '99999999TiB', -1, 1.5, true, null])(
    '%j is refused',
    (size) => {
      expect(bytes.safeParse(size).success).toBe(false);
    },
  );

  test('the hint shows the units', () => {
    expect(problem(bytes, '512M')).toEqual({
      message: '"512M" is not a size',
      hint: expect.stringContaining('512MiB'),
    });
  });
});

test('both become a JSON schema for editors', () => {
  const shape = z.object({ timeout: duration, size: bytes });
  expect(z.toJSONSchema(shape, { io: 'input' }).properties).toMatchObject({
    timeout: { type: 'string', pattern: expect.stringContaining('ms') },
    size: { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }] },
  });
});

test.each([
  [0, '0ms'],
  [0.4, '0ms'],
  [250, '250ms'],
  [999.6, '1s'],
  [1000, '1s'],
  [12_345, '12.3s'],
  [59_999, '1m'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [7_500_000, '2h5m'],
  [604_800_000, '7d'],
  [-90_000, '-1m30s'],
])('%d milliseconds read %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1_048_575, '1 MiB'],
  [536_870_912, '512 MiB'],
  [2 ** 60, '1024 PiB'],
])('%d bytes read %s', (total, text) => {
  expect(formatBytes(total)).toBe(text);
});

function problem(schema: z.ZodType, input: unknown): { message: string | undefined; hint: unknown } {
  const issue = schema.safeParse(input).error?.issues[0];
  return { message: issue?.message, hint: issue?.code === 'custom' ? issue.params?.['hint'] : undefined };
}
