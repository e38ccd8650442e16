import type { Waiting } from '#controller/api';
import type { Style } from '../terminal/index.ts';

type Candidate = Waiting['candidates'][number];

/** Candidates as aligned columns: the template, the kind of its answer, and its reason. */
export function candidateLines({ candidates, requests }: Waiting, style: Style): string[] {
  const rows = candidates.map((candidate) => ({
    place: placeOf(candidate),
    kind: candidate.code ?? candidate.verdict,
    reason: candidate.reason ?? lastFailure(candidate, requests),
    colour: COLOURS[candidate.verdict],
  }));
  const places = Math.max(0, ...rows.map(({ place }) => place.length));
  const kinds = Math.max(0, ...rows.map(({ kind }) => kind.length));
  return rows.map(({ place, kind, reason, colour }) =>
    `${place.padEnd(places)}  ${style.paint(colour, kind.padEnd(kinds))}  ${reason}`.trimEnd(),
  );
}

const COLOURS = { open: 'green', declined: 'yellow', final: 'red' } as const;

/** What nodes of the candidates would be made from, where that is an image of the controller's own. */
export function imageLines({ candidates }: Waiting): string[] {
  const rows = candidates.flatMap((candidate) =>
    candidate.image === null ? [] : [{ place: placeOf(candidate), image: candidate.image }],
  );
  const places = Math.max(0, ...rows.map(({ place }) => place.length));
  return rows.map(
    ({ place, image: { name, number, stream } }) =>
      `${place.padEnd(places)}  ${name}, number ${number} of ${stream}`,
  );
}

/** Of a candidate that is asked again: what it said last. */
function lastFailure(candidate: Candidate, requests: Waiting['requests']): string {
  const said = requests
    .flatMap(({ declines }) => declines)
    .filter(({ code }) => code === 'failed' || code === 'aborted')
    .findLast((decline) => placeOf(decline) === placeOf(candidate));
  return said === undefined ? '' : `its last try: ${said.reason}`;
}

function placeOf({ cloud, template }: { cloud: string; template: string }): string {
  return `${cloud}/${template}`;
}
