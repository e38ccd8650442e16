import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseReport, type ReportedCase } from './index.ts';

/** A report may be anything: whoever reads it throws nothing, keeps little, and ends soon. */

const CASE = '<testcase name="t"/>';

async function read(...pieces: readonly (string | Uint8Array)[]) {
  const cases: ReportedCase[] = [];
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const problem = await parseReport(chunks(), (reported) => cases.push(reported));
  return { cases, problem };
}

/** Parts of reports, and of what is none. */
const PARTS =
  '< > /> </ <testsuite|name="s"> </testsuite> <testcase|name=" classname= " \' <failure|message=" </failure> <![CDATA[ ]]> <!-- --> ' +
  '<!DOCTYPE|a|[ ]> <?xml| ?> &amp; &# &#xffffffff; ; &lol; <!ENTITY|lol|"x"> encoding="utf-16" \u{feff} \0 \n';

const piece = fc.oneof(
  fc.constantFrom(...PARTS.split(' ').map((part) => part.replaceAll('|', ' '))),
  fc.string({ maxLength: 10 }),
  fc.uint8Array({ maxLength: 10 }),
);

test('bytes of any kind are read to their end, and told as tests and one sentence', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const { cases, problem } = await read(...pieces);
      expect(problem === null || problem.length > 0).toBe(true);
      for (const { name, suite } of cases) expect([typeof name, typeof suite]).toEqual(['string', 'string']);
    }),
    { numRuns: 2000 },
  );
});

test('a report that was cut anywhere keeps the tests before, and says that it ends there', async () => {
  const report = `<testsuite name="s">${CASE}<testcase name="u"><failure message="m">text &amp; <![CDATA[x]]></failure></testcase>`;
  for (let end = '<testsuite name="s">'.length; end <= report.length; end++) {
    const { cases, problem } = await read(report.slice(0, end));
    expect(problem).toBe('ends in the middle');
    expect(cases).toHaveLength(end === report.length ? 2 : end < 40 ? 0 : 1);
  }
});

test.each([
  [
    'elements within each other',
    `<testsuite>${CASE}${'<a>'.repeat(100_000)}`,
    'has too many elements within each other',
  ],
  [
    'attributes',
    `<testsuite>${CASE}<a ${Array.from({ length: 100_000 }, (_, at) => `a${at}=""`).join(' ')}/>`,
    'has an element with too many attributes',
  ],
  [
    'a long name',
    `<testsuite>${CASE}<${'a'.repeat(200_000)}`,
    'is no report of tests: it has a name that is too long',
  ],
  [
    'a long document type',
    `<!DOCTYPE ${'a'.repeat(200_000)}`,
    'is no report of tests: it has a name that is too long',
  ],
  [
    'mistakes',
    `<testsuite>${CASE}${'& '.repeat(1_000_000)}`,
    expect.stringMatching(/^is not well-formed \(line 1: /),
  ],
  [
    'references to nothing',
    `<testsuite>${CASE}${'&;'.repeat(1_000_000)}`,
    'has too many characters that XML does not know',
  ],
])('too much of %s ends the reading', async (_, text, problem) => {
  const pieces = text.match(/[^]{1,65536}/g) ?? [];
  const { cases, problem: found } = await read(...pieces);
  expect(found).toEqual(problem);
  expect(cases.length).toBeLessThan(2);
});

test('names of suites within each other are kept up to a limit, for each of their tests has them', async () => {
  const suites = `<testsuite name="${'s'.repeat(10_000)}">`.repeat(50);
  const { cases } = await read(`${suites}${CASE.repeat(1000)}`);
  expect(cases.map(({ suite }) => suite.length)).toEqual(Array.from({ length: 1000 }, () => 4000));
});

test('a time that is no number is soon known for that', async () => {
  const times = [`1${' '.repeat(1_000_000)}x`, `${'1'.repeat(1_000_000)}x`];
  const { cases } = await read(
    `<testsuite>${times.map((time) => `<testcase time="${time}"/>`).join('')}</testsuite>`,
  );
  expect(cases.map(({ ms }) => ms)).toEqual([null, null]);
});

test('long messages and outputs are kept up to a limit', async () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  const failure = `<testcase name="t"><failure message="${long}">${long}</failure><system-out><![CDATA[${long}]]></system-out></testcase>`;
  const pieces = `<testsuite>${failure}${CASE}</testsuite>`.match(/[^]{1,65536}/g) ?? [];
  const { cases, problem } = await read(...pieces);
  expect(problem).toBeNull();
  const lengths = cases.map(({ message, detail, stdout }) =>
    [message, detail, stdout].map((text) => text.length),
  );
  expect(lengths).toEqual([
    [1024 * 1024, 1024 * 1024, 1024 * 1024],
    [0, 0, 0],
  ]);
});

test('what a document type declares is not looked at: nothing grows, and nothing is fetched', async () => {
  const entities = Array.from({ length: 10 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`);
  const type = `<!DOCTYPE testsuite [<!ENTITY e0 "laugh"><!ENTITY f SYSTEM "file:///etc/passwd">${entities.join('')}]>`;
  const { cases } = await read(
    `${type}<testsuite><testcase name="&e10;"><failure>&f;</failure></testcase></testsuite>`,
  );
  expect(cases).toMatchObject([{ name: '&e10;', detail: '&f;' }]);
});
