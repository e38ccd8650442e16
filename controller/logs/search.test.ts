import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchIn, type LogMatches, type LogSearch } from './search.ts';
import { append, ID, KIB, never, useLogs } from './test-support.ts';

const context = useLogs();

async function write(content: string): Promise<void> {
  const writer = await context.logs.open(ID);
  await append(writer, content);
  await writer.release();
}

function search(change: Partial<LogSearch> & { offset?: number }): Promise<LogMatches> {
  const { offset = 0, ...rest } = change;
  return context.logs.search(ID, { offset }, { text: 'x', ignoreCase: false, limit: 100, ...rest }, never);
}

describe('searching', () => {
  test('gives lines with their numbers, and the place of the text', async () => {
    await write('one\r\ntwo three\nthree, three\nfour');
    expect(await search({ text: 'three' })).toEqual({
      matches: [
        { line: 1, offset: 9, text: 'two three', isCut: false },
        { line: 2, offset: 15, text: 'three, three', isCut: false },
      ],
      next: null,
    });
    expect((await search({ text: 'four' })).matches).toMatchObject([{ line: 3, text: 'four' }]);
    expect((await search({ text: 'one' })).matches).toMatchObject([{ line: 0, text: 'one' }]);
    expect(await search({ text: 'five' })).toEqual({ matches: [], next: null });
  });

  test('a log that nobody wrote has nothing', async () => {
    expect(await search({})).toEqual({ matches: [], next: null });
  });

  test('goes on behind the last line that was given', async () => {
    await write('a x\nb\nc x\nd x x\n');
    const first = await search({ limit: 2 });
    expect(first.matches.map(({ line }) => line)).toEqual([0, 2]);
    expect(first.next).toBe(10);
    expect(await search({ limit: 2, offset: first.next ?? 0 })).toMatchObject({
      matches: [{ line: 3, offset: 12 }],
      next: null,
    });
  });

  test('A to Z are as a to z where that is asked for, and other letters are what they are', async () => {
    await write('ERROR: Ärger\nerror: ärger\n');
    const lines = async (text: string) =>
      (await search({ text, ignoreCase: true })).matches.map(({ line }) => line);
    expect(await lines('eRRor')).toEqual([0, 1]);
    expect(await lines('ärger')).toEqual([1]);
    expect((await search({ text: 'eRRor' })).matches).toEqual([]);
  });

  test('of a long line, what is around the text is shown, and characters are whole', async () => {
    await write(`${'ä'.repeat(100 * KIB)}x${'ä'.repeat(100 * KIB)}\nx\n`);
    const { matches } = await search({});
    expect(matches).toMatchObject([
      { line: 0, offset: 200 * KIB, isCut: true },
      { line: 1, isCut: false },
    ]);
    expect(matches[0]?.text).toMatch(/^ä{200,}xä{700,}$/);
  });

  test('a line with the text a million times is one match', async () => {
    await write(`${'x'.repeat(1024 * KIB)}\nx`);
    expect((await search({})).matches.map(({ line }) => line)).toEqual([0, 1]);
  });

  test('bytes that are no text are no obstacle', async () => {
    const writer = await context.logs.open(ID);
    await writer.append(0, 1, Buffer.from([0xff, 0x00, 0x0a, 0xfe, 0x78, 0xc3, 0x0a]));
    await writer.release();
    expect((await search({})).matches).toMatchObject([{ line: 1, offset: 4 }]);
  });

  test('finds what a search of the whole text finds, however the pieces and pages are cut', async () => {
    const content = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '\n', 'ä'), maxLength: 60 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'ä'), minLength: 1, maxLength: 3 });
    const cuts = fc.array(fc.nat(80), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(content, text, fc.boolean(), cuts, fc.integer({ min: 1, max: 3 }), check),
      { numRuns: 500 },
    );
  });
});

async function check(
  content: string,
  text: string,
  ignoreCase: boolean,
  cuts: number[],
  limit: number,
): Promise<void> {
  const bytes = Buffer.from(content);
  const found: number[] = [];
  let from: number | null = 0;
  while (from !== null) {
    const page: LogMatches = await searchIn(sliceOf(bytes, from, cuts), { text, ignoreCase, limit });
    for (const { line, offset } of page.matches) {
      expect(fold(bytes.subarray(offset).toString(), ignoreCase).startsWith(fold(text, ignoreCase))).toBe(
        true,
      );
      found.push(line);
    }
    if (page.next !== null) expect(page.next).toBeGreaterThan(from);
    from = page.next;
  }
  const lines = content.split('\n').map((line) => fold(line, ignoreCase));
  expect(found).toEqual(lines.flatMap((line, i) => (line.includes(fold(text, ignoreCase)) ? [i] : [])));
}

function sliceOf(bytes: Buffer, offset: number, cuts: number[]) {
  const places = [offset, ...cuts.map((cut) => Math.min(Math.max(cut, offset), bytes.length)), bytes.length];
  const sorted = places.toSorted((a, b) => a - b);
  return {
    offset,
    end: bytes.length,
    line: bytes.subarray(0, offset).toString('latin1').split('\n').length - 1,
    size: { bytes: bytes.length, lines: 0, complete: true },
    content: pieces(sorted.map((at, i) => bytes.subarray(at, sorted[i + 1] ?? bytes.length))),
  };
}

async function* pieces(all: Buffer[]): AsyncGenerator<Buffer> {
  yield* all;
}

function fold(text: string, ignoreCase: boolean): string {
  return ignoreCase ? text.replaceAll('B', 'b') : text;
}
