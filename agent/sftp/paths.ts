import { promises as fs } from 'node:fs';
import { NO_ATTRIBUTES } from './attributes.ts';
import { PACKET } from './codes.ts';
import { realName, toPath } from './names.ts';
import { DONE, type Answer, type Request } from './request.ts';

export const remove: Request = async (fields, session) => {
  await fs.unlink(toPath(session.absolute(fields.text())));
  return DONE;
};

export const realpath: Request = async (fields, session) =>
  nameAnswer(await realName(session.absolute(fields.text())));

export const expandPath: Request = async (fields, session) =>
  nameAnswer(await realName(await session.expand(fields.text())));

export const readlink: Request = async (fields, session) =>
  nameAnswer(await fs.readlink(toPath(session.absolute(fields.text())), { encoding: 'latin1' }));

/** The target comes first, other than in the draft: OpenSSH does so, and everybody follows it. */
export const symlink: Request = async (fields, session) => {
  const target = toPath(fields.text());
  await fs.symlink(target, toPath(session.absolute(fields.text())));
  return DONE;
};

export const hardlink: Request = async (fields, session) => {
  const existing = toPath(session.absolute(fields.text()));
  await fs.link(existing, toPath(session.absolute(fields.text())));
  return DONE;
};

function nameAnswer(name: string): Answer {
  return { type: PACKET.name, fields: [1, name, name, ...NO_ATTRIBUTES] };
}
