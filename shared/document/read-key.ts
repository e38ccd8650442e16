import { isScalar, type ParsedNode } from 'yaml';
import type { Finding } from './finding.ts';
import { quote } from './kinds.ts';
import { headOf, type Place } from './place.ts';
import type { Position } from './problem.ts';

/** The text of a key, or nothing when the key can't be taken; then the reason is reported. */
export function readKey(
  node: ParsedNode,
  earlier: ReadonlyMap<string | number, Place>,
  positionAt: (offset: number) => Position,
  findings: Finding[],
): string | undefined {
  // The parser has reported it.
  if (!isScalar(node) || typeof node.value !== 'string') return undefined;
  const [offset, end] = node.range;
  const key = node.value;
  const first = earlier.get(key);
  if (first !== undefined) {
    const hint = `it is already on line ${positionAt(headOf(first)).line}; keep one of them`;
    findings.push({
      offset,
      end,
      code: 'duplicate-key',
      message: `the key ${quote(key)} is here twice`,
      hint,
    });
    return undefined;
  }
  if (key === '<<') {
    const hint = 'write the keys out, or use an alias for the whole mapping';
    findings.push({ offset, end, code: 'syntax', message: 'merge keys (<<) are not supported', hint });
    return undefined;
  }
  if (key === '__proto__') {
    findings.push({ offset, end, code: 'unknown-key', message: 'the key "__proto__" is not allowed' });
    return undefined;
  }
  return key;
}
