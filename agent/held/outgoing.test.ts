import { expect, test } from 'vitest';
import { MAX_CHANNEL_FRAME_BYTES, type ChannelFrame } from '#shared/protocol';
import { HIGH_WATER_BYTES, createOutgoing } from './outgoing.ts';

/** A link whose socket takes everything at once, unless `buffered` says otherwise. */
function open() {
  const frames: ChannelFrame[] = [];
  const link = { buffered: 0, sendChannel: (frame: ChannelFrame) => void frames.push(frame) };
  const sent: string[] = [];
  const outgoing = createOutgoing(7, link);
  const write = (name: string, length: number, stream: ChannelFrame['stream'] = 'data') =>
    outgoing.write(stream, Buffer.alloc(length), () => sent.push(name));
  const lengths = () => frames.map(({ bytes }) => bytes.length);
  return { outgoing, link, frames, sent, write, lengths };
}

test('waits until the channel is open, and goes no further than it is credited', () => {
  const { outgoing, sent, write, lengths } = open();
  write('a', 10);
  expect(lengths()).toEqual([]);
  outgoing.credit(4);
  outgoing.credit(5);
  expect([lengths(), sent]).toEqual([[4, 5], []]);
  outgoing.credit(100);
  expect([lengths(), sent]).toEqual([[4, 5, 1], ['a']]);
});

test('goes in frames that a controller reads, in one order for both kinds', () => {
  const { outgoing, frames, sent, write, lengths } = open();
  outgoing.credit(MAX_CHANNEL_FRAME_BYTES * 10);
  write('a', MAX_CHANNEL_FRAME_BYTES + 1);
  write('nothing', 0);
  write('b', 2, 'stderr');
  expect(lengths()).toEqual([MAX_CHANNEL_FRAME_BYTES, 1, 2]);
  expect(frames.map(({ stream }) => stream)).toEqual(['data', 'data', 'stderr']);
  expect(sent).toEqual(['a', 'nothing', 'b']);
});

test('waits for a connection that has much to do already, and then takes its turn', () => {
  const { outgoing, link, write, lengths } = open();
  outgoing.credit(MAX_CHANNEL_FRAME_BYTES * 10);
  link.buffered = HIGH_WATER_BYTES;
  write('a', MAX_CHANNEL_FRAME_BYTES * 2);
  expect(lengths()).toEqual([]);
  expect(outgoing.sendOne()).toBe(true);
  expect(lengths()).toEqual([MAX_CHANNEL_FRAME_BYTES]);
  link.buffered = 0;
  expect([outgoing.sendOne(), outgoing.sendOne()]).toEqual([true, false]);
});
