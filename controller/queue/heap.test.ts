import { array, assert, integer, oneof, constant, property } from 'fast-check';
import { expect, test } from 'vitest';
import { createHeap } from './heap.ts';

test('gives back what comes first, whatever comes and goes in between', () => {
  const actions = array(oneof(integer({ min: -9, max: 9 }), constant('pop' as const)));
  assert(
    property(array(integer({ min: -9, max: 9 })), actions, (initial, actions) => {
      const heap = createHeap((a: number, b: number) => a - b, initial);
      const model = [...initial];
      for (const action of [...actions, ...Array.from({ length: 99 }, () => 'pop' as const)]) {
        model.sort((a, b) => a - b);
        if (action === 'pop') expect(heap.pop()).toBe(model.shift());
        else {
          heap.push(action);
          model.push(action);
        }
      }
    }),
  );
});
