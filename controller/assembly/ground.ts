import { join } from 'node:path';
import { openBlobs, type BlobStorage } from '#controller/blobs';
import { createSystemClock, type Clock } from '#controller/clock';
import type { Configuration } from '#controller/config';
import { createJournal, type Journal } from '#controller/events';
import { createAgentTokens, type AgentTokens } from '#controller/gateway';
import { loadKeys, type Keys } from '#controller/keys';
import type { Logger } from '#controller/logger';
import { createLogArchive } from '#controller/log-archive';
import { createLogs, type Logs } from '#controller/logs';
import { createLabelMatcher, type LabelMatcher } from '#controller/matching';
import { createKeyring, createSecrets, type Secrets } from '#controller/secrets';
import { newId, openStore, putMetaIfAbsent, type Store } from '#controller/store';

/** What everything else stands on: state, files, keys, time. */
export interface Ground {
  controllerId: string;
  clock: Clock;
  logger: Logger;
  matcher: LabelMatcher;
  keys: Keys;
  store: Store;
  journal: Journal;
  logs: Logs;
  blobs: BlobStorage;
  tokens: AgentTokens;
  secrets: Secrets;
}

export async function layGround(
  { data, store: settings, blobs: storage, timeouts, secrets: { keyFile } }: Configuration,
  logger: Logger,
  ending: AsyncDisposableStack,
): Promise<Ground> {
  const clock = createSystemClock();
  const keys = await loadKeys(join(data, 'signing.key'));
  const store = await openStore(settings);
  ending.defer(() => store.close());
  const controllerId = await putMetaIfAbsent(store.db, 'controller-id', newId());
  const blobs = await openBlobs(storage, { secret: keys.derive('blob') });
  const logs = createLogs({ folder: join(data, 'logs'), archive: createLogArchive({ store, blobs }) });
  ending.defer(() => logs.close());
  return {
    controllerId,
    clock,
    logger,
    matcher: createLabelMatcher(),
    keys,
    store,
    journal: createJournal({ store, clock }),
    logs,
    blobs,
    tokens: createAgentTokens({ keys, controllerId, bootstrapMs: timeouts.launch + timeouts.connect }),
    secrets: createSecrets({ store, clock, keyring: createKeyring(keyFile) }),
  };
}
