import { findBuild, findBuildByNumber, type Build, type Db } from '#controller/store';
import { FootmanError } from '#shared/errors';

/** Ids have 16 characters, so a shorter row of digits is a number. */
const NUMBER = /^\d{1,15}$/;

/** The build of this id or number. @throws FootmanError `not-found` */
export async function requireBuild(db: Db, name: string): Promise<Build> {
  const build = NUMBER.test(name) ? await findBuildByNumber(db, Number(name)) : await findBuild(db, name);
  if (build === undefined) throw new FootmanError('not-found', `there is no build ${name}`);
  return build;
}
