import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Event } from '#controller/api';

const DATA = 'data: ';

/** The events in a stream of server-sent events, as this API writes them. Only a connection ends them, which counts as lost. */
export async function* readEvents(stream: Readable): AsyncGenerator<Event> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith(DATA)) yield JSON.parse(line.slice(DATA.length)) as Event;
  }
  throw new Error('the controller closed the stream of events');
}
