import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readEvents } from './server-events.ts';

test('events are read however the network cut them, and heartbeats are none', async () => {
  const text =
    'id: 0\n: footman\n\nid: 1\nevent: job\ndata: {"seq":1,"data":{"reason":"größer"}}\n\n: heartbeat\n\nid: 2\ndata: {"seq":2}\n\n';
  const bytes = Buffer.from(text);
  const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
  const seen: unknown[] = [];
  const ended = (async () => {
    for await (const event of readEvents(Readable.from(pieces))) seen.push(event);
  })();
  await expect(ended).rejects.toThrow('closed the stream');
  expect(seen).toEqual([{ seq: 1, data: { reason: 'größer' } }, { seq: 2 }]);
});
