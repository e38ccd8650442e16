import { figuresOf, type TemplateFigures } from '#controller/figures';
import { countOccupancy, templateKey, type Occupancy } from '#controller/fleet';
import {
  cordonsOf,
  countLeaks,
  countLiveByTemplate,
  liveNodes,
  newestLives,
  type Cordon,
  type LeakCount,
  type TemplateCount,
} from '#controller/store';
import type { ApiDeps } from '../deps.ts';

/** What the store tells about all clouds at one time. */
export interface Survey {
  /** Milliseconds since the epoch. */
  now: number;
  counts: readonly TemplateCount[];
  occupancy: Occupancy;
  /** By target. */
  cordons: ReadonlyMap<string, Cordon>;
  /** By cloud; those without any are left out. */
  leaks: ReadonlyMap<string, LeakCount>;
  /** By `templateKey`. */
  figures: ReadonlyMap<string, TemplateFigures>;
}

/** Launches that a template's figures are taken from: what was before is not what it is now. */
const NEWEST = 500;

export async function surveyOf({ store: { db }, fleet, clock }: ApiDeps): Promise<Survey> {
  const figures = new Map<string, TemplateFigures>();
  for (const template of fleet.templates()) {
    const lives = await newestLives(db, { cloud: template.cloud, template: template.name }, NEWEST);
    figures.set(templateKey(template), figuresOf(lives));
  }
  return {
    now: clock.now(),
    counts: await countLiveByTemplate(db),
    occupancy: countOccupancy(await liveNodes(db), fleet),
    cordons: new Map((await cordonsOf(db)).map((cordon) => [cordon.target, cordon])),
    leaks: new Map((await countLeaks(db)).map((count) => [count.cloud, count])),
    figures,
  };
}
