import type { LabelExpression } from './expression.ts';

/** Whether an expression is satisfied where not all labels are known yet. */
export type Verdict = 'yes' | 'no' | 'maybe';

/**
 * The same as `matches` of labels of which some are still to be learned: `mayHave` tells of a label that is not among them whether it may be
 * one of those. In Kleene's three-valued logic: `yes` and `no` are certain; a `maybe` may turn out to be none, as of `a && !a`.
 */
export function verdictOn(
  expression: LabelExpression,
  labels: ReadonlySet<string>,
  mayHave: (label: string) => boolean,
): Verdict {
  return judge(expression);

  function judge(part: LabelExpression): Verdict {
    switch (part.kind) {
      case 'atom':
        if (labels.has(part.label)) return 'yes';
        return mayHave(part.label) ? 'maybe' : 'no';
      case 'not':
        return not(judge(part.operand));
      case 'and':
        return all(part.operands.map(judge));
      case 'or':
        return any(part.operands.map(judge));
      case 'implies':
        return any([not(judge(part.premise)), judge(part.conclusion)]);
      case 'iff':
        return part.operands.map(judge).reduce(same);
    }
  }
}

function not(verdict: Verdict): Verdict {
  if (verdict === 'maybe') return 'maybe';
  return verdict === 'yes' ? 'no' : 'yes';
}

function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('no')) return 'no';
  return verdicts.includes('maybe') ? 'maybe' : 'yes';
}

function any(verdicts: readonly Verdict[]): Verdict {
  return not(all(verdicts.map(not)));
}

function same(one: Verdict, other: Verdict): Verdict {
  if (one === 'maybe' || other === 'maybe') return 'maybe';
  return one === other ? 'yes' : 'no';
}
