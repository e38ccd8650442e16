import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextRun, resolveCron, tryParseCron, tryTimezone } from '#shared/cron';

const BERLIN = 'Europe/Berlin';

describe('what is an expression', () => {
  test.each([
    '0 3 * * *',
    '*/15 * * * *',
    '0,30 9-17/2 * * MON-FRI',
    '5 4 * jan,Jul sun',
    '0 0 29 2 *',
    '0 0 * * 7',
    '0 0 * * FRI-SUN',
    '0 0 * * 5-0',
    '0 0 L * *',
    '0 0 LW * *',
    '0 0 15W * *',
    '0 0 * * MON#2',
    '0 0 * * fril',
    'H H * * *',
    'h/15 * * * *',
    'H(0-29)/10 H(9-16) H H H',
    'H 0 * * H(MON-FRI)',
    '  0\t3 * *  * ',
    '@daily',
    '@Midnight',
    '@yearly',
    '0 0 30 2 MON',
    '0 0 H(29-31) 2 *',
  ])('%j', (text) => {
    expect(tryParseCron(text)).toEqual({ ok: true });
  });

  test.each([
    ['', 0, 'this cron expression has 0 fields instead of 5', 'write minute, hour, day of the month'],
    [
      '0 0 * * * *',
      0,
      'this cron expression has 6 fields instead of 5; seconds and years are not supported',
      '0 3 * * MON-FRI',
    ],
    ['60 * * * *', 0, '60 is not a minute', 'from 0 to 59'],
    ['* 24 * * *', 2, '24 is not an hour', 'from 0 to 23'],
    ['* * 0 * *', 4, '0 is not a day of the month', 'from 1 to 31'],
    ['* * * 13 *', 6, '13 is not a month', 'from 1 to 12'],
    ['* * * * 8', 8, '8 is not a day of the week', 'from 0 to 7'],
    ['1,2,61 * * * *', 4, '61 is not a minute', 'from 0 to 59'],
    ['1,,2 * * * *', 2, 'a value of the minute is missing', undefined],
    ['* * * FOO *', 6, '"FOO" is not a month', 'names from JAN to DEC'],
    ['* * * * MONDAY', 8, '"MONDAY" is not a day of the week', 'names from SUN to SAT'],
    ['? * * * *', 0, '"?" is not a minute', undefined],
    ['0 0 1 * +MON', 8, '"+MON" is not a day of the week', undefined],
    ['-5 * * * *', 0, 'a value of the minute is missing', undefined],
    ['*/0 * * * *', 0, 'the step of */0 is not a number above 0', '*/15'],
    ['*/x * * * *', 0, 'the step of */x is not a number above 0', '*/15'],
    ['*/61 * * * *', 0, 'a step of 61 is too large for the minute', 'every 60'],
    ['5/10 * * * *', 0, '5/10 has a step but no range', 'write 5-59/10'],
    ['* 22-4 * * *', 2, '22-4 ends before it begins', '22-23,0-4'],
    ['* * * * FRI-MON', 8, 'FRI-MON ends before it begins', '5-6,0-1'],
    ['H(40-70) * * * *', 0, '70 is not a minute', 'from 0 to 59'],
    ['H(0-9)/20 * * * *', 0, 'a step of 20 is larger than the range of H(0-9)/20', 'at most 10'],
    ['H() * * * *', 0, 'missing', undefined],
    ['H(1 * * * *', 0, '"H(1" is not a minute', undefined],
    ['@reboot', 0, '"@reboot" is not an alias', '@daily'],
    ['0 0 30 2 *', undefined, 'this cron expression never runs', 'none of its months'],
    ['0 0 31 4,6,9,11 *', undefined, 'this cron expression never runs', 'none of its months'],
    [`0${',0'.repeat(300)} * * * *`, 0, 'this cron expression is longer than 500 characters', undefined],
  ])('%j is refused', (text, index, message, hint) => {
    const check = tryParseCron(text);
    expect(check).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    if (check.ok) return;
    expect(check.index).toBe(index);
    if (hint !== undefined) expect(check.hint).toContain(hint);
  });

  test('no text makes it throw, and what it accepts has a next run, whatever the seed', () => {
    const piece = fc.constantFrom(
      ...'*/,-#()LWH?+@ 0123456789'.split(''),
      'MON',
      'JAN',
      ' * ',
      '-',
      'H(1-3)',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
    );
    const field = fc.constantFrom(
      '*',
      'H',
      'H/2',
      '*/2',
      '1',
      '2-5',
      '1,3',
      'H(2-4)',
      '3-5/2',
      'L',
      'FRI#1',
      '7',
    );
    const likely = fc.array(field, { minLength: 5, maxLength: 5 }).map((fields) => fields.join(' '));
    fc.assert(
      fc.property(fc.oneof(text, likely), fc.string(), (text, seed) => {
        if (!tryParseCron(text).ok) return;
        expect(nextRun(resolveCron(text, seed), BERLIN, Date.UTC(2026, 0, 1))).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('H', () => {
  test('is the same for a seed each time, and spread over seeds', () => {
    expect(resolveCron('H H * * *', 'shop/ci.yaml')).toBe(resolveCron('H H * * *', 'shop/ci.yaml'));
    // A controller of another version must not move everybody's nightly builds.
    expect(resolveCron('H H(0-5) H H H', 'shop/ci.yaml')).toBe('52 4 27 12 4');
    const minutes = seeds(1200).map((seed) => Number(resolveCron('H 3 * * *', seed).split(' ')[0]));
    const counts = Array.from({ length: 60 }, (_, minute) => minutes.filter((m) => m === minute).length);
    expect(Math.min(...counts)).toBeGreaterThan(4);
    expect(Math.max(...counts)).toBeLessThan(45);
  });

  test.each([
    ['H * * * *', 0, 0, 59],
    ['* H * * *', 1, 0, 23],
    ['* * H * *', 2, 1, 28],
    ['* * * H *', 3, 1, 12],
    ['* * * * H', 4, 0, 6],
    ['H(10-12) * * * *', 0, 10, 12],
    ['* * H(29-31) * *', 2, 29, 31],
    ['* * * H(FEB-APR) *', 3, 2, 4],
  ])('%s takes every value from %d-th field of %d to %d and no other', (text, field, from, to) => {
    const values = new Set(seeds(1000).map((seed) => Number(resolveCron(text, seed).split(' ')[field])));
    expect([...values].sort((a, b) => a - b)).toEqual(
      Array.from({ length: to - from + 1 }, (_, i) => from + i),
    );
  });

  test('with a step keeps the distance and begins within the first step', () => {
    for (const seed of seeds(50)) {
      const minutes = resolveCron('H(0-29)/10 * * * *', seed).split(' ')[0]?.split(',').map(Number) ?? [];
      expect(minutes).toHaveLength(3);
      expect(minutes[0]).toBeLessThan(10);
      expect(minutes.map((minute) => minute - (minutes[0] ?? 0))).toEqual([0, 10, 20]);
    }
  });

  test('leaves what it is not in alone', () => {
    expect(resolveCron('  0   3 * JAN MON-FRI ', 'x')).toBe('0 3 * JAN MON-FRI');
  });

  test('aliases are spread as in Jenkins', () => {
    expect(resolveCron('@hourly', 'x')).toMatch(/^\d+ \* \* \* \*$/);
    expect(resolveCron('@midnight', 'x')).toMatch(/^\d+ [0-2] \* \* \*$/);
    expect(resolveCron('@weekly', 'x')).toMatch(/^\d+ \d+ \* \* [0-6]$/);
    expect(resolveCron('@yearly', 'x')).toMatch(/^\d+ \d+ \d+ \d+ \*$/);
  });
});

describe('the next run', () => {
  test.each([
    ['in UTC', '0 3 * * *', 'UTC', '2026-01-01T00:00Z', ['2026-01-01T03:00Z', '2026-01-02T03:00Z']],
    ['is after the moment itself', '0 3 * * *', 'UTC', '2026-01-01T03:00Z', ['2026-01-02T03:00Z']],
    ['in a time zone', '0 3 * * *', BERLIN, '2026-01-01T00:00Z', ['2026-01-01T02:00Z']],
    ['on a leap day', '0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    [
      'on either day when both are given',
      '0 0 13 * FRI',
      'UTC',
      '2026-01-10T00:00Z',
      ['2026-01-13T00:00Z', '2026-01-16T00:00Z'],
    ],
    [
      'over a weekend',
      '0 0 * * SAT-SUN',
      'UTC',
      '2026-01-02T12:00Z',
      ['2026-01-03T00:00Z', '2026-01-04T00:00Z', '2026-01-10T00:00Z'],
    ],
    // In Berlin, 2026-03-29 has no 02:00 to 03:00, and 2026-10-25 has it twice.
    [
      'once at the end of the gap',
      '30 2 * * *',
      BERLIN,
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'once for all that fall into the gap',
      '*/20 2 * * *',
      BERLIN,
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T00:00Z'],
    ],
    [
      'in the gap of a step of hours',
      '0 */2 * * *',
      BERLIN,
      '2026-03-28T23:30Z',
      ['2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ],
    [
      'in each hour around the gap',
      '*/30 * * * *',
      BERLIN,
      '2026-03-29T00:10Z',
      ['2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-29T01:30Z'],
    ],
    [
      'once in the hour that comes twice',
      '30 2 * * *',
      BERLIN,
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'once for a list in the hour that comes twice',
      '*/30 2 * * *',
      BERLIN,
      '2026-10-24T12:00Z',
      ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-26T01:00Z'],
    ],
    [
      'in each of the two hours',
      '0 * * * *',
      BERLIN,
      '2026-10-24T23:30Z',
      ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'],
    ],
    [
      'at midnight where midnight is left out',
      '0 0 * * *',
      'America/Sao_Paulo',
      '2018-11-03T12:00Z',
      ['2018-11-04T03:00Z', '2018-11-05T02:00Z'],
    ],
    [
      'with an offset of half an hour',
      '0 2 * * *',
      'Asia/Kolkata',
      '2026-01-01T00:00Z',
      ['2026-01-01T20:30Z'],
    ],
    [
      'where clocks move by half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00Z',
      ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
  ])('%s', (_, cron, timezone, after, expected) => {
    expect(runs(cron, timezone, after, expected.length)).toEqual(expected.map((time) => Date.parse(time)));
  });

  test('never comes on 30 February', () => {
    expect(nextRun('0 0 30 2 *', 'UTC', 0)).toBeNull();
  });
});

describe('a time zone', () => {
  test.each(['UTC', BERLIN, 'America/Argentina/Buenos_Aires', 'Etc/GMT-2', 'US/Pacific'])('%s', (name) => {
    expect(tryTimezone(name)).toEqual({ ok: true });
  });

  test.each([
    ['Europe/Berlyn', 'did you mean Europe/Berlin?'],
    ['+02:00', 'write a name such as Europe/Berlin'],
    ['', 'write a name such as Europe/Berlin'],
    ['Mars/Olympus_Mons', ''],
  ])('%j is refused', (name, hint) => {
    expect(tryTimezone(name)).toMatchObject({ ok: false, hint: expect.stringContaining(hint) });
  });
});

function seeds(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `project-${number}/ci.yaml`);
}

function runs(cron: string, timezone: string, after: string, count: number): (number | null)[] {
  const found: (number | null)[] = [];
  let at: number | null = Date.parse(after);
  while (at !== null && found.length < count) found.push((at = nextRun(cron, timezone, at)));
  return found;
}
