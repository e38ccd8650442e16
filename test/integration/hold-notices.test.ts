import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFleet } from '#controller/fleet';
import { createHoldKeeper } from '#controller/hold-keeper';
import { createLogger } from '#controller/logger';
import { openNotices } from '#controller/store';
import { HOUR, openHolds, SETTINGS, type HoldsFixture } from '../../controller/holds/test-support.ts';

const SECRET = 'a shared secret';

let fixture: HoldsFixture;
let server: Server;
let received: { headers: IncomingMessage['headers']; body: string }[];
/** What the receiver answers, one after the other; 204 when there is none left. */
let answers: number[];
let stopping: AbortController;

beforeEach(async () => {
  fixture = await openHolds();
  received = [];
  answers = [];
  stopping = new AbortController();
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204, { location: '/elsewhere' }).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  stopping.abort(new Error('the test is over'));
  server.close();
  await fixture[Symbol.asyncDispose]();
});

function keeperWith(secret: string | null) {
  const { port } = server.address() as AddressInfo;
  const webhook = { url: `http://127.0.0.1:${port}/hook`, secretEnv: null, secret };
  return createHoldKeeper({
    ...fixture,
    logger: createLogger('silent'),
    fleet: createFleet([]),
    settings: () => ({ ...SETTINGS, webhook }),
    signal: stopping.signal,
  });
}

test('a notice is signed, so that its receiver knows from whom it comes', async () => {
  const keeper = keeperWith(SECRET);
  const hold = await fixture.held();
  await keeper.run(stopping.signal);
  await keeper.settled();
  expect(received).toHaveLength(1);
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  const expected = createHmac('sha256', SECRET).update(body).digest('hex');
  expect(headers['x-footman-signature-256']).toBe(`sha256=${expected}`);
  expect(JSON.parse(body)).toMatchObject({
    id: headers['x-footman-delivery'],
    event: 'held',
    hold: { id: hold.id },
  });
  expect(await openNotices(fixture.store.db)).toEqual([]);
});

test.each([500, 404, 307])('a notice that is answered %i is sent again, as the same one', async (status) => {
  answers = [status];
  const keeper = keeperWith(null);
  await fixture.held();
  const refused = once(server, 'request');
  await keeper.run(stopping.signal);
  await refused;
  while ((await openNotices(fixture.store.db))[0]?.attempts === 0) await new Promise(setImmediate);
  expect(received.map(({ headers }) => headers['x-footman-signature-256'])).toEqual([undefined]);
  fixture.clock.pass(HOUR / 2);
  await keeper.settled();
  expect(received).toHaveLength(2);
  expect(received[0]?.body).toBe(received[1]?.body);
});
