import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAsciicast, headerLine } from './asciicast.ts';

const SECRET = 'correct-horse-battery';

/** What the recording shows of pieces that came one after another. */
function shownOf(pieces: readonly Buffer[]): string {
  const cast = createAsciicast([SECRET]);
  const lines = pieces.map((piece, at) => cast.shown(at, piece)).join('') + cast.end(pieces.length);
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as [number, string, string])[2])
    .join('');
}

test('a secret and a character that are cut anywhere are masked and whole', () => {
  const bytes = Buffer.from(`é<${SECRET}>ü\r\n`);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (places) => {
      const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const pieces = cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end));
      expect(shownOf(pieces)).toBe('é<***>ü\r\n');
    }),
  );
});

test('its lines are those of asciinema, version 2', () => {
  const cast = createAsciicast([]);
  const header = headerLine({ columns: 80, rows: 24, term: 'xterm', startedAt: 1_700_000_000_500 });
  expect(JSON.parse(header)).toEqual({
    version: 2,
    width: 80,
    height: 24,
    timestamp: 1_700_000_000,
    env: { TERM: 'xterm' },
  });
  expect(cast.shown(1_500, Buffer.from('a\n'))).toBe('[1.5,"o","a\\n"]\n');
  expect(cast.resized(2_000, 100, 30)).toBe('[2,"r","100x30"]\n');
  expect(cast.end(3_000)).toBe('');
});
