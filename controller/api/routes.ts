import { artifactRoutes } from './artifacts/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { authRoutes } from './auth/routes.ts';
import { autoholdRoutes } from './autoholds/routes.ts';
import { keepRoutes } from './builds/keep-routes.ts';
import { buildRoutes } from './builds/routes.ts';
import { cloudRoutes } from './clouds/routes.ts';
import { configurationRoutes } from './configuration/routes.ts';
import type { ApiDeps } from './deps.ts';
import { doctorRoutes } from './doctor/routes.ts';
import { eventRoutes } from './events/routes.ts';
import { fsckRoutes } from './fsck/routes.ts';
import { holdRoutes } from './holds/routes.ts';
import { hookRoutes } from './hooks/routes.ts';
import type { Route } from './http/route.ts';
import { imageRoutes } from './images/routes.ts';
import { jobRoutes } from './jobs/routes.ts';
import { nodeRoutes } from './nodes/routes.ts';
import { operationRoutes } from './operations/routes.ts';
import { profileRoutes } from './profiles/routes.ts';
import { projectRoutes } from './projects/routes.ts';
import { retentionRoutes } from './retention/routes.ts';
import { scheduleRoutes } from './schedules/routes.ts';
import { secretRoutes } from './secrets/routes.ts';
import { sourceRoutes } from './sources/routes.ts';
import { statusRoutes } from './statuses/routes.ts';
import { stepRoutes } from './steps/routes.ts';
import { terminalRoutes } from './terminals/routes.ts';
import { testRoutes } from './tests/routes.ts';

/** Every call under `/api/v1`. */
export function apiRoutes(deps: ApiDeps): Route[] {
  return [
    ...authRoutes(deps),
    ...buildRoutes(deps),
    ...keepRoutes(deps),
    ...jobRoutes(deps),
    ...stepRoutes(deps),
    ...testRoutes(deps),
    ...sourceRoutes(deps),
    ...artifactRoutes(deps),
    ...nodeRoutes(deps),
    ...cloudRoutes(deps),
    ...imageRoutes(deps),
    ...doctorRoutes(deps),
    ...retentionRoutes(deps),
    ...fsckRoutes(deps),
    ...operationRoutes(deps),
    ...configurationRoutes(deps),
    ...secretRoutes(deps),
    ...projectRoutes(deps),
    ...scheduleRoutes(deps),
    ...statusRoutes(deps),
    ...holdRoutes(deps),
    ...terminalRoutes(deps),
    ...autoholdRoutes(deps),
    ...profileRoutes(deps),
    ...auditRoutes(deps),
    ...hookRoutes(deps),
    ...eventRoutes(deps),
  ];
}
