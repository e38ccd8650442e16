import { optionalService } from '#test/optional';
import { describeArchivedLogs } from './store/archived-logs.ts';
import { describeArtifacts } from './store/artifacts.ts';
import { BACKENDS } from './store/backend.ts';
import { describeAttempts } from './store/attempts.ts';
import { describeBuilds } from './store/builds.ts';
import { describeCaches } from './store/caches.ts';
import { useBackend } from './store/context.ts';
import { describeCordons } from './store/cordons.ts';
import { describeEvents } from './store/events.ts';
import { describeFigures } from './store/figures.ts';
import { describeHolds } from './store/holds.ts';
import { describeHosts } from './store/hosts.ts';
import { describeImageUses } from './store/image-uses.ts';
import { describeJobLists } from './store/job-lists.ts';
import { describeJson } from './store/json.ts';
import { describeLeases } from './store/leases.ts';
import { describeLeaks } from './store/leaks.ts';
import { describeLoops } from './store/loops.ts';
import { describeNodeReports } from './store/node-reports.ts';
import { describeNodes } from './store/nodes.ts';
import { describeOpening } from './store/opening.ts';
import { describePlans } from './store/plans.ts';
import { describePromotionRaces } from './store/promotion-races.ts';
import { describeQueue } from './store/queue.ts';
import { describeRequests } from './store/requests.ts';
import { describeSecrets } from './store/secrets.ts';
import { describeTemplateLabels } from './store/template-labels.ts';
import { describeTransitions } from './store/transitions.ts';
import { describeUpgrade } from './store/upgrade.ts';
import { describeVersionKeeping } from './store/version-keeping.ts';
import { describeKill } from './store/kill.ts';

/** The contract of the store, over every database that can hold it. */
for (const kind of BACKENDS) {
  optionalService(kind.name, kind.missing)(`store on ${kind.name}`, () => {
    const context = useBackend(kind);
    describeOpening(context);
    describeUpgrade(context);
    describeTransitions(context);
    describeBuilds(context);
    describeAttempts(context);
    describeLeases(context);
    describeRequests(context);
    describeQueue(context);
    describeNodes(context);
    describeNodeReports(context);
    describeTemplateLabels(context);
    describeHosts(context);
    describeHolds(context);
    describeCordons(context);
    describeArtifacts(context);
    describeArchivedLogs(context);
    describeJobLists(context);
    describeEvents(context);
    describeFigures(context);
    describeLeaks(context);
    describeLoops(context);
    describeJson(context);
    describeSecrets(context);
    describeCaches(context);
    describePlans(context);
    describeImageUses(context);
    describeVersionKeeping(context);
    describePromotionRaces(context);
  });
}

describeKill();
