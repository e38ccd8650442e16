import { promises as fs } from 'node:fs';
import { attributesOf, readAttributes } from './attributes.ts';
import { PACKET } from './codes.ts';
import { MAX_ENTRIES } from './limits.ts';
import { openListing, type Listing } from './listing.ts';
import { longName } from './long-name.ts';
import { toPath } from './names.ts';
import type { Field } from './packet-writer.ts';
import { DONE, END_OF_FILE, type Request } from './request.ts';
import type { Session } from './session.ts';

export const opendir: Request = async (fields, session) => {
  const name = session.absolute(fields.text());
  const handle = await session.handles.add(() => openListing(name));
  return { type: PACKET.handle, fields: [handle] };
};

export const readdir: Request = async (fields, session) => {
  const listing = session.handles.folder(fields.text());
  for (;;) {
    const names = await listing.next(MAX_ENTRIES);
    if (names.length === 0) return END_OF_FILE;
    const entries = await describe(listing, names, session);
    // Zero entries would be an answer that clients don't expect.
    if (entries.length > 0) return { type: PACKET.name, fields: [entries.length, ...entries.flat()] };
  }
};

export const mkdir: Request = async (fields, session) => {
  const path = toPath(session.absolute(fields.text()));
  const { mode = 0o777 } = readAttributes(fields);
  await fs.mkdir(path, { mode });
  return DONE;
};

export const rmdir: Request = async (fields, session) => {
  await fs.rmdir(toPath(session.absolute(fields.text())));
  return DONE;
};

/** Without those that have gone in the meantime, and those of which nothing may be known. */
async function describe(listing: Listing, names: string[], session: Session): Promise<Field[][]> {
  const accounts = await session.accounts();
  const now = Date.now();
  const entries = await Promise.all(
    names.map(async (name): Promise<Field[]> => {
      const stats = await fs.lstat(toPath(`${listing.path}/${name}`)).catch(() => undefined);
      if (stats === undefined) return [];
      return [name, longName(name, stats, accounts, now), ...attributesOf(stats)];
    }),
  );
  return entries.filter(({ length }) => length > 0);
}
