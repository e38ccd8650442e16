import { describe, expect, test } from 'vitest';
import type { Contexts, Value } from '#shared/expressions';
import { cellKey, expandMatrix, isDynamicMatrix, type Matrix } from '#shared/pipeline';

/** Cells as `a=1 b=x`, in their order. */
function cells(matrix: Partial<Matrix>, contexts: Contexts = {}): string[] {
  return expandMatrix(matrixOf(matrix), contexts).map((cell) =>
    Object.entries(cell)
      .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
      .join(' '),
  );
}

function matrixOf(matrix: Partial<Matrix>): Matrix {
  return { axes: {}, include: [], exclude: [], failFast: true, ...matrix };
}

describe('expandMatrix', () => {
  test('makes every combination, the last axis fastest', () => {
    expect(cells({ axes: { os: ['deb', 'rpm'], osds: [3, 5] } })).toEqual([
      'os=deb osds=3',
      'os=deb osds=5',
      'os=rpm osds=3',
      'os=rpm osds=5',
    ]);
  });

  test('a value keeps its type and shape', () => {
    const values: Value[] = [1, '1', true, { name: 'a', flags: ['x'] }, ['y']];
    expect(expandMatrix(matrixOf({ axes: { a: values } }), {})).toStrictEqual(values.map((a) => ({ a })));
  });

  test('exclude takes away every cell that has all of its values', () => {
    const axes = { os: ['deb', 'rpm'], arch: ['x86', 'arm'], size: [1, 2] };
    const exclude = [{ os: 'rpm', arch: 'arm' }, { os: 'deb', arch: 'x86', size: 2 }, { size: '1' }];
    expect(cells({ axes, exclude })).toEqual([
      'os=deb arch=x86 size=1',
      'os=deb arch=arm size=1',
      'os=deb arch=arm size=2',
      'os=rpm arch=x86 size=1',
      'os=rpm arch=x86 size=2',
    ]);
  });

  // The shape of the example in GitHub's documentation of `include`.
  test('include extends the cells that it contradicts in no axis, and else adds one', () => {
    const matrix = {
      axes: { store: ['file', 'block'], disk: ['ssd', 'hdd'] },
      include: [
        { journal: 'on' },
        { journal: 'big', disk: 'ssd' },
        { store: 'file', size: 'xl' },
        { store: 'memory' },
        { store: 'memory', disk: 'ssd' },
      ],
    };
    expect(cells(matrix)).toEqual([
      'store=file disk=ssd journal=big size=xl',
      'store=file disk=hdd journal=on size=xl',
      'store=block disk=ssd journal=big',
      'store=block disk=hdd journal=on',
      'store=memory',
      'store=memory disk=ssd',
    ]);
  });

  test('include never extends a cell that another one added', () => {
    const include = [{ os: 'mac' }, { os: 'mac', extra: 1 }];
    expect(cells({ axes: { os: ['deb'] }, include })).toEqual(['os=deb', 'os=mac', 'os=mac extra=1']);
  });

  test('include comes after exclude, and can bring a cell back', () => {
    const matrix = {
      axes: { os: ['deb', 'rpm'] },
      exclude: [{ os: 'rpm' }],
      include: [{ os: 'rpm', slow: true }],
    };
    expect(cells(matrix)).toEqual(['os=deb', 'os=rpm slow=true']);
  });

  test('include alone makes the cells', () => {
    expect(cells({ include: [{ a: 1 }, { a: 1 }, { b: 2 }] })).toEqual(['a=1', 'a=1', 'b=2']);
  });

  test.each<[string, Partial<Matrix>]>([
    ['nothing', {}],
    ['an empty axis', { axes: { a: '${{ needs.x.list }}', b: [1] } }],
    ['everything excluded', { axes: { b: [1] }, exclude: [{ b: 1 }] }],
    [
      'long axes beside an empty one',
      { axes: { b: '${{ needs.x.long }}', c: '${{ needs.x.long }}', a: '${{ needs.x.list }}' } },
    ],
  ])('%s makes no cells', (_, matrix) => {
    expect(cells(matrix, { needs: { x: { list: [], long: Array(50_000).fill(0) as number[] } } })).toEqual(
      [],
    );
  });

  test('templates: of the whole, of an axis, of a value however deep, of include and exclude', () => {
    const contexts = {
      parameters: { os: 'deb' },
      needs: {
        a: { outputs: { all: '{"b":[1,2],"include":[{"c":3}],"exclude":[{"b":2}]}', list: '[{"c":4}]' } },
      },
    };
    expect(cells({ axes: ' ${{ fromJSON(needs.a.outputs.all) }}\n' }, contexts)).toEqual(['b=1 c=3']);
    expect(
      cells(
        {
          axes: {
            a: '${{ fromJSON(needs.a.outputs.list) }}',
            b: ['${{ parameters.os }}-12', { x: ['${{ parameters.os }}'] }],
          },
          include: '${{ fromJSON(needs.a.outputs.list) }}',
          exclude: [{ b: '${{ parameters.os }}-12' }],
        },
        contexts,
      ),
    ).toEqual(['a={"c":4} b={"x":["deb"]} c=4']);
  });

  test('what an expression made is never evaluated again', () => {
    const needs = { a: { list: ['${{ build.id }}'] } };
    expect(cells({ axes: { a: '${{ needs.a.list }}' } }, { needs, build: { id: 1 } })).toEqual([
      'a=${{ build.id }}',
    ]);
  });

  test.each<[string, Partial<Matrix>, string]>([
    ['no mapping', { axes: '${{ needs.n }}' }, 'matrix: it must be a mapping of lists'],
    ['no list', { axes: { a: '${{ needs.n }}' } }, 'matrix: its axis a must be a list'],
    ['no list in a mapping', { axes: '${{ needs.map }}' }, 'matrix: its axis a must be a list'],
    ['no mappings', { include: '${{ needs.long }}' }, 'matrix: its include must be a list of mappings'],
    ['no JSON', { axes: "${{ fromJSON('x') }}" }, 'matrix: ${{ fromJSON'],
    [
      'a strange name',
      { axes: '${{ fromJSON(\'{"a b":[1]}\') }}' },
      'matrix: "a b" can\'t be the name of an axis',
    ],
    ['a long value', { axes: { a: ['x'.repeat(20_000)] } }, 'matrix: a cell has more than'],
    ['one axis too long', { axes: { a: '${{ needs.long }}' } }, 'the matrix has 300 cells; at most 256'],
    ['a product too large', { axes: { a: '${{ needs.long }}', b: '${{ needs.long }}' } }, 'has 90,000 cells'],
    [
      'a huge product',
      { axes: Object.fromEntries(Array.from('abcdefgh', (name) => [name, '${{ needs.long }}'])) },
      'cells; at most 256',
    ],
    [
      'cells that are added',
      { axes: { a: Array(256).fill(0) as number[] }, include: [{ a: 1 }] },
      'has 257 cells',
    ],
    ['entries that are added', { include: '${{ fromJSON(needs.entries) }}' }, 'its include has 257 entries'],
  ])('refuses %s', (_, matrix, message) => {
    const needs = {
      n: 1,
      map: { a: 1 },
      long: Array(300).fill(0) as number[],
      entries: JSON.stringify(Array.from({ length: 257 }, () => ({ a: 1 }))),
    };
    expect(() => cells(matrix, { needs })).toThrow(
      expect.objectContaining({ code: 'expression-failed', message: expect.stringContaining(message) }),
    );
  });

  test('256 cells are fine', () => {
    expect(
      cells({ axes: { a: Array(16).fill(0) as number[], b: Array(16).fill(0) as number[] } }),
    ).toHaveLength(256);
  });

  test.each(['__proto__', 'constructor', 'toString'])('an axis may be called %s', (name) => {
    const needs = { axes: JSON.parse(`{"${name}": [1, 2], "include": [{"${name}": 2, "b": 3}]}`) as Value };
    expect(cells({ axes: '${{ needs.axes }}' }, { needs })).toEqual([`${name}=1`, `${name}=2 b=3`]);
  });
});

test.each<[boolean, Partial<Matrix>]>([
  [false, { axes: { a: ['needs.x', '${{ parameters.needs }}'] } }],
  [true, { axes: '${{ fromJSON(needs.a.outputs.x) }}' }],
  [true, { axes: { a: '${{ fromJSON(needs.a.outputs.x) }}' } }],
  [true, { axes: { a: [{ b: ['${{ needs.a.outputs.x }}'] }] } }],
  [true, { include: [{ a: '${{ needs.a.outputs.x }}' }] }],
  [true, { exclude: '${{ needs.a.x }}' }],
])('isDynamicMatrix: %j for %j', (isDynamic, matrix) => {
  expect(isDynamicMatrix(matrixOf(matrix))).toBe(isDynamic);
});

test.each<[Record<string, Value>, string]>([
  [{ osds: 3, arch: 'arm' }, 'rados (3, arm)'],
  [{ on: true, none: null, map: { a: [1] } }, 'rados (true, null, {"a":[1]})'],
  [{ text: ' a\n\tb\0c ' }, 'rados (a b c)'],
  [{ text: 'x'.repeat(500) }, `rados (${'x'.repeat(120)}…)`],
  [{ text: `${'x'.repeat(119)}😀` }, `rados (${'x'.repeat(119)}\uFFFD…)`],
])('cellKey of %j', (cell, key) => {
  expect(cellKey('rados', cell)).toBe(key);
});
