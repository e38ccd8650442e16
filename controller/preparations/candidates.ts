import { compareTemplates, serves, type Fleet, type Template } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import { findStream, findVersion, type Db } from '#controller/store';
import { Unprepared } from './unprepared.ts';
import { usableVersion } from './usable-version.ts';

/** A template whose nodes may serve a job, in a cloud that captures and starts images. */
export interface Candidate {
  template: Template;
  /** What its nodes are made from now: the id of a version, or the image as its cloud tells it. */
  base: string;
  /** The same where it is a version. */
  version: string | null;
  /** What the settings call that image: what an image is known to stand on that was made before its cloud could tell more. */
  alias: string | null;
}

interface Deps {
  fleet: Pick<Fleet, 'templates' | 'connection'>;
  matcher: LabelMatcher;
}

const ASK_MS = 30_000;

/** The best first. @throws Unprepared where there is none; a cloud's error where none of them answers */
export async function candidatesFor(
  db: Db,
  runsOn: string,
  { fleet, matcher }: Deps,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const templates = fleet
    .templates()
    .filter((template) => serves(template, runsOn, matcher) === 'yes')
    .filter(({ cloud }) => fleet.connection(cloud)?.images !== undefined)
    .toSorted(compareTemplates);
  // At the same time: a cloud that does not answer keeps the job waiting once.
  const answers = await Promise.allSettled(
    templates.map((template) => candidateOf(db, template, fleet, signal)),
  );
  signal.throwIfAborted();
  const candidates = answers.flatMap((answer) => (answer.status === 'fulfilled' ? (answer.value ?? []) : []));
  if (candidates.length > 0) return candidates;
  const problem = answers.find((answer) => answer.status === 'rejected');
  if (problem !== undefined) throw problem.reason;
  throw new Unprepared('uncached', `no cloud with a template for ${runsOn} can make images`);
}

async function candidateOf(
  db: Db,
  template: Template,
  fleet: Deps['fleet'],
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { cloud, stream, settings } = template;
  if (stream !== null) {
    const named = await findStream(db, { name: stream, cloud });
    const version = named && (await usableVersion(db, named));
    return version && { template, base: version.id, version: version.id, alias: null };
  }
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const image = await fleet.connection(cloud)?.currentImage?.(settings, bounded);
  const named = imageIn(settings) ?? template.digest;
  return { template, base: image ?? named, version: null, alias: image ? named : null };
}

function imageIn(settings: unknown): string | undefined {
  if (typeof settings !== 'object' || settings === null || !('image' in settings)) return undefined;
  return typeof settings.image === 'string' ? settings.image : undefined;
}

/** The image that the version, or the first one below it, was made from. */
export async function rootOf(db: Db, versionId: string): Promise<string | null> {
  let parent: string | null = versionId;
  for (;;) {
    const version = await findVersion(db, parent);
    if (version === undefined) return parent;
    if (version.parent === null) return null;
    parent = version.parent;
  }
}
