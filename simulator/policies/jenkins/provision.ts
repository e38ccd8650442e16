import { countOccupancy, type OpenCloud, type Template } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import type { Site } from '#simulator/site';

/**
 * `Cloud.provision`: of each cloud in turn, as many nodes as it has room for, of the first template that fits; up to `count` in all. Plugins
 * differ in what they count against their limits; here everything counts that is not gone, as for Footman.
 */
export function placesFor(
  label: string,
  count: number,
  { world, fleet }: Pick<Site, 'world' | 'fleet'>,
  matcher: LabelMatcher,
): { cloud: OpenCloud; template: Template }[] {
  const occupancy = countOccupancy(world.nodes.all(), fleet);
  const places: { cloud: OpenCloud; template: Template }[] = [];
  for (const cloud of fleet.clouds()) {
    for (const template of cloud.templates) {
      if (!matcher.matches(label, template.labels)) continue;
      while (places.length < count && occupancy.refusal(cloud, template, null) === null) {
        occupancy.add(template, null);
        places.push({ cloud, template });
      }
    }
  }
  return places;
}
