import type { TestRun } from '#controller/api';
import { formatDuration } from '#shared/quantity';
import type { Style } from '../terminal/index.ts';

/** Its class and its own name, as people call it. */
export function testName({ suite, name }: Pick<TestRun, 'suite' | 'name'>): string {
  return suite === '' ? name : `${suite}.${name}`;
}

export function marksOf({ isNew, isFlaky, reruns }: Pick<TestRun, 'isNew' | 'isFlaky' | 'reruns'>): string {
  const tries = reruns === 0 ? [] : [`${reruns + 1} tries`];
  return [...(isNew ? ['new'] : []), ...(isFlaky ? ['flaky'] : []), ...tries].join(', ');
}

export function took({ ms }: Pick<TestRun, 'ms'>): string {
  if (ms === null) return '';
  return ms < 1000 ? `${ms}ms` : formatDuration(ms);
}

export function paintResult(style: Style, result: TestRun['result']): string {
  const colours = { passed: 'green', failed: 'red', errored: 'red', skipped: 'dim' } as const;
  return style.paint(colours[result], result);
}
