import { describe, expect, test } from 'vitest';
import { atomsOf, explain, format, nearestLabels, parseLabelExpression, sentenceOf } from '#shared/labels';

function sentenceFor(source: string, ...labels: string[]): string {
  return sentenceOf(explain(parseLabelExpression(source), new Set(labels)));
}

describe('explain', () => {
  test('says of every part what it is worth and which labels decide it', () => {
    const expression = parseLabelExpression('linux&&(docker||vm)&&!arm');
    expect(explain(expression, new Set(['linux', 'arm']))).toEqual({
      kind: 'and',
      text: 'linux && (docker || vm) && !arm',
      value: false,
      present: ['arm'],
      absent: ['docker', 'vm'],
      children: [
        { kind: 'atom', text: 'linux', value: true, present: ['linux'], absent: [], children: [] },
        {
          kind: 'or',
          text: 'docker || vm',
          value: false,
          present: [],
          absent: ['docker', 'vm'],
          children: [
            { kind: 'atom', text: 'docker', value: false, present: [], absent: ['docker'], children: [] },
            { kind: 'atom', text: 'vm', value: false, present: [], absent: ['vm'], children: [] },
          ],
        },
        {
          kind: 'not',
          text: '!arm',
          value: false,
          present: ['arm'],
          absent: [],
          children: [{ kind: 'atom', text: 'arm', value: true, present: ['arm'], absent: [], children: [] }],
        },
      ],
    });
  });
});

describe('sentenceOf', () => {
  test.each([
    ['linux', [], '`linux` does not match: it needs linux'],
    ['linux && !arm', ['arm'], '`linux && !arm` does not match: it needs linux and no arm'],
    ['!arm && linux', ['arm'], '`!arm && linux` does not match: it needs linux and no arm'],
    ['linux && (docker || vm)', ['linux'], '`linux && (docker || vm)` does not match: it needs docker or vm'],
    ['a && (b || c) && !d', ['d'], '`a && (b || c) && !d` does not match: it needs a and (b or c) and no d'],
    ['!(a && b)', ['a', 'b'], '`!(a && b)` does not match: it needs no a or no b'],
    ['!(a || b)', ['a'], '`!(a || b)` does not match: it needs no a'],
    ['kvm -> vm', ['kvm'], '`kvm -> vm` does not match: it needs vm or no kvm'],
    ['!(kvm -> vm)', [], '`!(kvm -> vm)` does not match: it needs kvm'],
    ['!(kvm -> vm)', ['vm'], '`!(kvm -> vm)` does not match: it needs kvm and no vm'],
    ['a <-> b', ['a'], '`a <-> b` does not match: it needs b or no a'],
    ['a && a', [], '`a && a` does not match: it needs a'],
    ['"Solaris 10"', [], '`"Solaris 10"` does not match: it needs "Solaris 10"'],
    ['linux && !arm', ['linux'], '`linux && !arm` matches with linux, without arm'],
    ['a || b || c', ['a', 'c'], '`a || b || c` matches with a and c'],
    ['kvm -> vm', [], '`kvm -> vm` matches without kvm'],
    ['kvm -> vm', ['vm'], '`kvm -> vm` matches without kvm'],
    ['kvm -> vm', ['kvm', 'vm'], '`kvm -> vm` matches with vm'],
  ])('%s, given %j', (source, labels, sentence) => {
    expect(sentenceFor(source, ...labels)).toBe(sentence);
  });
});

test('atomsOf names every label once, in the order of the text', () => {
  const atoms = atomsOf(parseLabelExpression('b && (a || !b) -> "c d" <-> a'));
  expect([...atoms]).toEqual(['b', 'a', 'c d']);
});

test('nearestLabels finds what was meant', () => {
  expect(nearestLabels('dcker', ['docker', 'linux', 'vm'])).toEqual(['docker']);
});

describe('format', () => {
  test.each([
    ['a&&b||c->d<->e', 'a && b || c -> d <-> e'],
    ['(((a)&&(b))||(c))', 'a && b || c'],
    ['(a||b)&&c', '(a || b) && c'],
    ['!(a)&&!(b||c)', '!a && !(b || c)'],
    ['!(!a)', '!(!a)'],
    ['a->(b->c)', 'a -> (b -> c)'],
    ['x-->y', 'x- -> y'],
    ['"plain" && "a->b" && "a\tb" && "\\\\ \\""', String.raw`plain && "a->b" && "a\tb" && "\\ \""`],
  ])('%s', (source, text) => {
    expect(format(parseLabelExpression(source))).toBe(text);
  });
});
