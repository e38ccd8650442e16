import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePipeline } from './index.ts';

const FOLDER = new URL('../../test/golden/pipeline/', import.meta.url);
const TEMPLATES = new Map(
  ['ci/common.yaml', 'ci/steps.yaml'].map((path) => [path, readFileSync(new URL(path, FOLDER), 'utf8')]),
);
const SOURCE = readFileSync(new URL('everything.yaml', FOLDER), 'utf8');
const PIECES = '\n| |"|\'|{|}|[|]|:|- |>|*|&a|! |\t|#|\\|${{|<<: |😀|? |%|---\n|,'
  .split('|')
  .concat('|', '\r', '!x ', '\0');

const edit = fc.record({
  at: fc.nat(SOURCE.length),
  deleted: fc.nat(3),
  piece: fc.constantFrom(...PIECES),
});

test('however a pipeline is mangled, it is read, or it has problems at places that exist', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const source = edits.reduce(
        (text, { at, deleted, piece }) => text.slice(0, at) + piece + text.slice(at + deleted),
        SOURCE,
      );
      const parsed = parsePipeline(source, 'mangled.yaml', { include });
      if (parsed.ok) return;
      const lines = source.split('\n');
      expect(parsed.problems).not.toEqual([]);
      for (const { line, column, message } of parsed.problems) {
        expect(message).not.toBe('');
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
      }
    }),
    // A slow machine tries fewer.
    { numRuns: 500, interruptAfterTimeLimit: 5_000 },
  );
});

/** Files of templates, as they are. */
function include(path: string): string | undefined {
  return TEMPLATES.get(path);
}
