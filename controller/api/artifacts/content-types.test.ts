import { expect, test } from 'vitest';
import { shownTypeOf } from './content-types.ts';
import { fileNameOf } from './file-name.ts';

test.each([
  ['a/build.log', 'text/plain; charset=utf-8'],
  ['README.MD', 'text/plain; charset=utf-8'],
  ['x.js', 'text/plain; charset=utf-8'],
  ['x.xml', 'text/plain; charset=utf-8'],
  ['shot.PNG', 'image/png'],
  ['index.html', 'text/html; charset=utf-8'],
  ['x.svg', 'image/svg+xml'],
  ['x.pdf', 'application/pdf'],
])('%s is shown as %s', (path, type) => {
  expect(shownTypeOf(path)).toBe(type);
});

test.each(['x', 'x.exe', 'x.xhtml', 'x.html.zip', 'html', 'x.constructor', 'x.__proto__', 'x.html '])(
  '%j is only downloaded',
  (path) => {
    expect(shownTypeOf(path)).toBeUndefined();
  },
);

test.each([
  ['a/b.txt', 'b.txt'],
  ['a/ü 日.txt', 'ü 日.txt'],
  ['x\r\nSet-Cookie: a', 'x__Set-Cookie: a'],
  ['gpj.\u202Eexe', 'gpj._exe'],
  ['a\u200Bb\u2028c\\d', 'a_b_c_d'],
])('%j is called %j', (path, name) => {
  expect(fileNameOf(path)).toBe(name);
});
