import { describe, expect, test } from 'vitest';
import { nearest } from '#shared/nearest';

describe('nearest', () => {
  test.each([
    ['a letter left out', 'dcker', ['arm', 'docker', 'linux'], ['docker']],
    ['letters that changed places', 'nedes', ['name', 'needs', 'steps'], ['needs']],
    ['another letter case', 'Docker', ['docker', 'linux'], ['docker']],
    ['a word cut short', 'ubuntu', ['debian-12', 'ubuntu-24.04'], ['ubuntu-24.04']],
    ['a word drawn out', 'timeout-minutes', ['name', 'timeout'], ['timeout']],
    ['nothing alike', 'windows', ['docker', 'linux'], []],
    ['single letters that have nothing in common', 'a', ['b'], []],
    ['the word itself', 'linux', ['linux'], []],
    ['no candidates', 'linux', [], []],
    ['an empty word', '', ['a', 'linux'], []],
  ])('%s', (_, word, candidates, expected) => {
    expect(nearest(word, candidates)).toEqual(expected);
  });

  test('puts the likeliest first and equals by alphabet, whatever the order given', () => {
    const expected = ['linux', 'linux2', 'linuxx'];
    expect(nearest('linus', ['linuxx', 'linux2', 'linux'])).toEqual(expected);
    expect(nearest('linus', ['linux', 'linux2', 'linuxx'])).toEqual(expected);
  });

  test('ranks a slip of the keyboard before a word cut short', () => {
    expect(nearest('docker', ['docker-in-docker', 'dockr'])).toEqual(['dockr', 'docker-in-docker']);
  });

  test('gives at most as many as asked for, and none twice', () => {
    const candidates = ['vm1', 'vm2', 'vm3', 'vm4', 'vm1'];
    expect(nearest('vm', candidates)).toEqual(['vm1', 'vm2', 'vm3']);
    expect(nearest('vm', candidates, 1)).toEqual(['vm1']);
    expect(nearest('vm', candidates, 9)).toEqual(['vm1', 'vm2', 'vm3', 'vm4']);
  });

  test('gives no candidate for a word of absurd length', () => {
    const long = 'x'.repeat(1_000_000);
    expect(nearest(long, [`${long}y`])).toEqual([]);
  });
});
