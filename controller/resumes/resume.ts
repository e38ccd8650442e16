import type { SubmitDefaults } from '#controller/builds';
import type { HoldSettings } from '#controller/config';
import type { Journal, Tx } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { auditHold, findOwnHold, whyTooMany, wishOf, type Caller, type HoldRequest } from '#controller/holds';
import {
  findBuild,
  findJob,
  findVersion,
  liveHolds,
  lockStream,
  type Build,
  type Hold,
  type ImageVersion,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { submitResume } from './resume-build.ts';

interface Deps {
  journal: Journal;
  fleet: Pick<Fleet, 'template'>;
  /** Those that hold now. */
  settings(): HoldSettings;
  submitDefaults: SubmitDefaults;
}

/**
 * Starts the captured machine of a hold again, as often as somebody likes: by a build of its own, whose node is held when it is up. It is the
 * hold of whoever starts it, and lets in their keys and those that they name, none of the first one's.
 *
 * @throws FootmanError `not-found`, `forbidden`; `conflict` where there is no machine (any more), its template is not configured, or a limit is
 * reached; `request-invalid` for keys that are none, or too long a time
 */
export function resumeHold(
  { journal, fleet, settings, submitDefaults }: Deps,
  id: string,
  request: HoldRequest,
  caller: Caller,
): Promise<Build> {
  return journal.commit(async (tx) => {
    const hold = await findOwnHold(tx, id, caller);
    const version = await machineOf(tx, hold);
    const { cloud, template: name } = hold;
    const [label] = fleet.template(cloud, name)?.labels ?? [];
    if (label === undefined)
      throw new FootmanError(
        'conflict',
        `template ${cloud}/${name}, which it was made from, is not configured`,
        {
          hint: `footman image export ${version.name} takes the machine elsewhere`,
        },
      );
    const { actor } = caller;
    const why = whyTooMany(await liveHolds(tx.db), { owner: actor, cloud, template: name }, settings());
    if (why !== null) throw new FootmanError('conflict', `hold ${id} can't be resumed: ${why}`);
    const reason = request.reason ?? hold.reason;
    const wish = await wishOf(tx, settings(), { ...request, reason }, { actor, origin: 'resume' });
    const { first, firstJob } = await sceneOf(tx, hold);
    const order = {
      first,
      firstJob,
      version,
      label,
      wish: { ...wish, resumes: id, sceneJobId: hold.scene_job_id },
    };
    const build = await submitResume(tx, order, submitDefaults);
    await auditHold(tx, hold, 'hold.resumed', actor, { build: build.id, version: version.name });
    return build;
  });
}

/** Behind its stream's lock: retention may have been first. */
async function machineOf(tx: Tx, { id, state, version_id: versionId }: Hold): Promise<ImageVersion> {
  const known = versionId === null ? undefined : await findVersion(tx.db, versionId);
  if (known !== undefined) await lockStream(tx.db, { name: known.stream, cloud: known.cloud });
  const version = known && (await findVersion(tx.db, known.id));
  if (version?.state === 'ready') return version;
  if (version === undefined)
    throw new FootmanError('conflict', `hold ${id} has no snapshot`, {
      hint:
        state === 'held' ? `footman hold snapshot ${id} makes one` : 'only what was captured can be resumed',
    });
  if (version.state === 'capturing')
    throw new FootmanError('conflict', `the machine of hold ${id} is being captured: wait for its end`);
  const why =
    version.state === 'failed' ? `could not be captured: ${version.reason}` : 'was captured, and is removed';
  throw new FootmanError('conflict', `the machine of hold ${id} ${why}`);
}

/** The job whose failed step it shows, and its build: what a resumed machine is of, however often it is resumed. */
async function sceneOf({ db }: Tx, hold: Hold): Promise<{ first: Build; firstJob: string }> {
  const job = await findJob(db, hold.scene_job_id);
  const first = job && (await findBuild(db, job.build_id));
  if (job === undefined || first === undefined) throw new Error(`hold ${hold.id} is of no job`);
  return { first, firstJob: job.key };
}
