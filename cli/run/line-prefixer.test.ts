import { describe, expect, test } from 'vitest';
import { createLinePrefixer } from './line-prefixer.ts';

describe('a line prefixer', () => {
  test('gives whole lines only, however they came', () => {
    const lines = createLinePrefixer({ prefix: '[a] ' });
    expect(lines.add(Buffer.from('on'))).toBeUndefined();
    expect(lines.add(Buffer.from('e\ntwo\nth'))?.toString()).toBe('[a] one\n[a] two\n');
    expect(lines.end()?.toString()).toBe('[a] th\n');
    expect(lines.end()).toBeUndefined();
  });

  test('passes bytes that are no UTF-8, and characters that were split', () => {
    const lines = createLinePrefixer({ prefix: '[ä] ' });
    const euro = Buffer.from('€\n');
    expect(lines.add(euro.subarray(0, 1))).toBeUndefined();
    expect(lines.add(euro.subarray(1))).toEqual(Buffer.from('[ä] €\n'));
    expect(lines.add(Buffer.from([0xff, 0x0a]))).toEqual(
      Buffer.concat([Buffer.from('[ä] '), Buffer.from([0xff, 0x0a])]),
    );
  });

  test('holds back no more than a piece of a line that never ends', () => {
    const lines = createLinePrefixer({ prefix: '' });
    let written = 0;
    for (let i = 0; i < 100; i++) written += lines.add(Buffer.alloc(10_000, 'x'))?.length ?? 0;
    expect(written).toBeGreaterThan(900_000);
  });

  test('cleans lines but not their prefix', () => {
    const lines = createLinePrefixer({ prefix: 'p', clean: (text) => text.replaceAll('p', '') });
    expect(lines.add(Buffer.from('apb\n\n'))?.toString()).toBe('pab\np\n');
  });
});
