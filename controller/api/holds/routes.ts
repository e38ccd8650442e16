import type { ApiDeps } from '../deps.ts';
import type { Route } from '../http/route.ts';
import { changeRoutes } from './change-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { readRoutes } from './read-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';

/** Held nodes, and what people do with them. */
export function holdRoutes(deps: ApiDeps): Route[] {
  return [
    ...readRoutes(deps),
    ...changeRoutes(deps),
    ...keyRoutes(deps),
    ...snapshotRoutes(deps),
    ...sessionRoutes(deps),
  ];
}
