import type { Cloud } from '#controller/api';
import { matches, tryParseLabelExpression } from '#shared/labels';

/** Which templates of which clouds a job can run on. */
export interface Places {
  /** As `CLOUD/TEMPLATE`; undefined for an expression that only a build can evaluate. */
  for(runsOn: string): string[] | undefined;
}

export function createPlaces(clouds: readonly Cloud[]): Places {
  const templates = clouds.flatMap((cloud) =>
    cloud.templates.map(({ name, labels }) => ({
      place: `${cloud.name}/${name}`,
      labels: new Set(labels),
    })),
  );

  return {
    for(runsOn) {
      const parsed = tryParseLabelExpression(runsOn);
      if (!parsed.ok) return undefined;
      return templates.filter(({ labels }) => matches(parsed.expression, labels)).map(({ place }) => place);
    },
  };
}
