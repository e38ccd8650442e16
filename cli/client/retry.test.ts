import { describe, expect, test } from 'vitest';
import { FootmanError } from '#shared/errors';
import { resuming } from './retry.ts';

const { signal } = new AbortController();

describe('resuming', () => {
  test('goes on where it was, over lost connections, until the stream ends by itself', async () => {
    const items = ['a', 'b', 'c', 'd'];
    let at = 0;
    let calls = 0;
    const stream = resuming(
      async function* open(connected) {
        calls += 1;
        connected();
        while (at < items.length) {
          yield items[at++];
          if (at < items.length) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
        }
      },
      { signal },
    );
    expect(await Array.fromAsync(stream)).toEqual(items);
    expect(calls).toBe(4);
  });

  test("an answer that is the request's own fault is thrown at once", async () => {
    let calls = 0;
    const stream = resuming(
      async function* open() {
        calls += 1;
        yield* [];
        throw new FootmanError('not-found', 'there is no such thing');
      },
      { signal },
    );
    await expect(Array.fromAsync(stream)).rejects.toThrow('there is no such thing');
    expect(calls).toBe(1);
  });

  test('a stream may stay silent over any number of connections', async () => {
    let calls = 0;
    const stream = resuming(
      async function* open(connected) {
        connected();
        calls += 1;
        if (calls < 3) throw new Error('silence');
        yield 'at last';
      },
      { signal, patienceMs: 50 },
    );
    expect(await Array.fromAsync(stream)).toEqual(['at last']);
  });

  test('a controller that stays away is given up', async () => {
    const stream = resuming(
      async function* open() {
        yield* [];
        throw new Error('refused');
      },
      { signal, patienceMs: 0 },
    );
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'controller-unreachable' });
  });

  test('ends when nobody waits for it any more', async () => {
    const leaving = new AbortController();
    const stream = resuming(
      async function* open() {
        yield* [];
        leaving.abort();
        throw new Error('refused');
      },
      { signal: leaving.signal },
    );
    await expect(Array.fromAsync(stream)).rejects.toThrow();
  });
});
