import type { ApiDeps } from '../deps.ts';
import type { Route } from '../http/route.ts';
import { fileRoutes } from './file-routes.ts';
import { removalRoutes } from './removal-routes.ts';
import { streamRoutes } from './stream-routes.ts';
import { versionRoutes } from './version-routes.ts';

/** Image streams, their versions, and what people do with them. */
export function imageRoutes(deps: ApiDeps): Route[] {
  return [...streamRoutes(deps), ...versionRoutes(deps), ...removalRoutes(deps), ...fileRoutes(deps)];
}
