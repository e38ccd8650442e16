import { expect, test } from 'vitest';
import { callsStatusFunction, referencesIn } from '#shared/expressions';

test.each<[string, [path: string, index: number][]]>([
  ['nothing', []],
  ['${{ true }}', []],
  ['${{ build.branch }}', [['build/branch', 4]]],
  [
    'a ${{ BUILD.Branch }} ${{ env.A }}',
    [
      ['build/Branch', 6],
      ['env/A', 26],
    ],
  ],
  ["${{ steps['x y'].outputs.z }}", [['steps/x y/outputs/z', 4]]],
  ['${{ toJSON(build) }}', [['build', 11]]],
  ['${{ needs.*.result }}', [['needs/*/result', 4]]],
  [
    '${{ matrix[env.A].b }}',
    [
      ['matrix/*/b', 4],
      ['env/A', 11],
    ],
  ],
  ['${{ (needs.a).outputs.b }}', [['needs/a/outputs/b', 5]]],
  [
    '${{ fromJSON(needs.a.outputs.b).c[matrix.d] }}',
    [
      ['needs/a/outputs/b', 13],
      ['matrix/d', 34],
    ],
  ],
  [
    "${{ !(env.A == 'x' && env.B) || env.C }}",
    [
      ['env/A', 6],
      ['env/B', 22],
      ['env/C', 32],
    ],
  ],
  ['${{ env.A + }} ${{ env.B }} ${{ env.C', [['env/B', 19]]],
])('%s', (text, expected) => {
  expect(referencesIn(text, 'template').map(({ path, index }) => [path.join('/'), index])).toEqual(expected);
});

test.each([
  ['needs.a.result', 0],
  ['  ${{ needs.a.result }}', 6],
])('%j is a condition', (text, index) => {
  expect(referencesIn(text, 'condition')).toEqual([{ path: ['needs', 'a', 'result'], index }]);
});

test.each([
  ['always()', true],
  ['${{ !Cancelled() }}', true],
  ["contains('a', success( ))", true],
  ["'always()'", false],
  ['env.always', false],
  ['env.failure == true', false],
  ['always(', false],
  ['', false],
])('callsStatusFunction(%j) is %j', (text, calls) => {
  expect(callsStatusFunction(text)).toBe(calls);
});
