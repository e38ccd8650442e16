import { writeSync } from 'node:fs';
import { appendEvents, insertBuild, openStore } from '#controller/store';
import { buildRow, eventRow } from './rows.ts';

/** Run as a process: writes builds with an event each into the file that it is given, and tells the number of each that is committed. */
const [, , file = ''] = process.argv;
const store = await openStore({ kind: 'sqlite', file });
for (;;) {
  const build = await store.transaction(async (db) => {
    const build = await insertBuild(db, buildRow());
    await appendEvents(db, [eventRow(build.id)]);
    return build;
  });
  writeSync(1, `${build.number}\n`);
}
