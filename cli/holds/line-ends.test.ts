import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { plainLineEnds } from './line-ends.ts';

test('what a terminal did to line ends is taken back, however the bytes are cut', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n') });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(30)), async (written, cuts) => {
      // As the line discipline has it.
      const shown = written.replaceAll('\n', '\r\n');
      const places = [0, ...cuts.filter((cut) => cut < shown.length).sort((a, b) => a - b), shown.length];
      const stream = plainLineEnds();
      for (const [index, place] of places.entries()) stream.write(shown.slice(place, places[index + 1]));
      stream.end();
      expect((await buffer(stream)).toString()).toBe(written);
    }),
  );
});
