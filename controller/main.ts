import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLabels, createApi, ensureAdminToken } from '#controller/api';
import { openFsBlobs } from '#controller/blobs';
import { createBuildKeeper, submitIn } from '#controller/builds';
import { createCaches } from '#controller/caches';
import { createSystemClock } from '#controller/clock';
import type { Configuration } from '#controller/config';
import { createJournal } from '#controller/events';
import { createAgentTokens, createGateway, createLostAgents } from '#controller/gateway';
import { loadKeys } from '#controller/keys';
import { createRuntime } from '#controller/launchers';
import { lockFolder } from '#controller/lock';
import type { Logger } from '#controller/logger';
import { createLogs } from '#controller/logs';
import { createLabelMatcher } from '#controller/matching';
import { createReaper, createSweep, drainNodes, failNode } from '#controller/nodes';
import { createProjects } from '#controller/projects';
import { createProvisioner, templatesOf } from '#controller/provisioner';
import { createScheduler } from '#controller/scheduler';
import { createKeyring, createSecrets } from '#controller/secrets';
import { createStatuses, reportBroken } from '#controller/statuses';
import { disconnectAll, newId, openStore, putMetaIfAbsent, type Node } from '#controller/store';
import {
  createReceiver,
  createSchedules,
  createStartByHand,
  createTriggers,
  startScheduled,
} from '#controller/triggers';
import type { Pipeline } from '#shared/pipeline';
import { Registry } from 'prom-client';
import { startLoops } from './loops-of-controller.ts';
import { openClouds } from './open-clouds.ts';
import { agentSocketFor, startServers } from './servers.ts';

/** A running controller. */
export interface Controller {
  /** Where the API listens, as `http://host:port`. */
  url: string;
  /** File that holds the administrator's token, for its owner's eyes only. */
  tokenFile: string;
  /** Takes no new work, and resolves when every node is gone; those that no cloud will remove now are left for the next start. */
  drain(signal: AbortSignal): Promise<void>;
  /** Stops. Nodes and their jobs go on, and find the controller again at its next start. */
  close(): Promise<void>;
}

interface Options {
  logger: Logger;
  /** The agent as one bundled file. */
  agentFile: string;
}

/** The one composition root: everything that a controller is made of is made, and ended, here. */
export async function startController(
  configuration: Configuration,
  { logger, agentFile }: Options,
): Promise<Controller> {
  const { data, timeouts, limits } = configuration;
  const lock = lockFolder(data);
  const ending = new AsyncDisposableStack();
  ending.defer(() => lock.release());
  try {
    return await assemble();
  } catch (error) {
    await ending.disposeAsync();
    throw error;
  }

  async function assemble(): Promise<Controller> {
    const clock = createSystemClock();
    const matcher = createLabelMatcher();
    const keys = await loadKeys(join(data, 'signing.key'));
    const store = await openStore(configuration.store);
    ending.defer(() => store.close());
    const controllerId = await putMetaIfAbsent(store.db, 'controller-id', newId());
    const journal = createJournal({ store, clock });
    const logs = createLogs({ folder: join(data, 'logs') });
    ending.defer(() => logs.close());
    const blobs = await openFsBlobs({ folder: join(data, 'blobs'), secret: keys.derive('blob') });
    const tokens = createAgentTokens({ keys, controllerId, bootstrapMs: timeouts.launch + timeouts.connect });

    const runtime = createRuntime({ folder: join(data, 'runtime'), agentFile });
    const agentSocket = agentSocketFor(data);
    const clouds = await openClouds(configuration.clouds, join(data, 'clouds'), {
      controllerId,
      endpoints: {
        socketFolder: agentSocket.folder,
        socketName: agentSocket.name,
        url: configuration.publicUrl,
      },
      runtime: (signal) => runtime.folder(signal),
    });
    ending.defer(async () => void (await Promise.allSettled(clouds.map(({ cloud }) => cloud.close()))));

    const secrets = createSecrets({ store, clock, keyring: createKeyring(configuration.secrets.keyFile) });
    const caches = createCaches({ store, blobs, clock, logger, limitBytes: limits.cacheBytes });
    const gateway = createGateway({
      store,
      journal,
      clock,
      logs,
      blobs,
      secrets,
      caches,
      tokens,
      logger,
      graceMs: timeouts.agentLost,
      limits: {
        logBytes: limits.stepLog,
        graceMs: timeouts.cancelGrace,
        artifactsMs: timeouts.artifacts,
        artifactFiles: limits.artifactFiles,
        artifactBytes: limits.artifactBytes,
      },
    });
    const lostAgents = createLostAgents({ store, journal, clock, agentLostMs: timeouts.agentLost });
    const stopping = new AbortController();
    const provisioner = createProvisioner({
      store,
      journal,
      clock,
      logger,
      matcher,
      clouds,
      bootstrapToken: tokens.bootstrap,
      timeouts: {
        launchMs: timeouts.launch,
        connectMs: timeouts.connect,
        checkMs: timeouts.check,
        agentLostMs: timeouts.agentLost,
      },
      signal: stopping.signal,
    });
    const reaper = createReaper({
      store,
      journal,
      clock,
      logger,
      cloudOf: (name) => clouds.find((open) => open.name === name)?.cloud,
      launchSettled: provisioner.launchSettled,
      signal: stopping.signal,
    });
    const sweep = createSweep({
      store,
      clock,
      logger,
      clouds,
      onVanished,
      intervalMs: configuration.sweep.interval,
      graceMs: configuration.sweep.grace,
    });
    const buildKeeper = createBuildKeeper({ store, journal, clock });
    const scheduler = createScheduler({ store, journal, clock, matcher });

    const submitDefaults = { queueTimeoutMs: timeouts.queue };
    const admit = (pipeline: Pipeline): void => checkLabels(pipeline, templatesOf(clouds), matcher);
    const projects = await createProjects({
      folder: join(data, 'projects'),
      blobs,
      secretOf: secrets.valueOf,
    });
    const triggers = createTriggers({
      store,
      journal,
      clock,
      logger,
      projects,
      submit: (tx, submission) => submitIn(tx, submission, submitDefaults),
      admit,
      reportBroken,
      signal: stopping.signal,
    });
    const schedules = createSchedules({ store, journal, clock, logger, start: startScheduled });
    const statuses = createStatuses({
      store,
      clock,
      logger,
      secrets,
      publicUrl: configuration.publicUrl,
      signal: stopping.signal,
    });

    // Nobody is connected yet: from here on agents have their time to come back.
    await disconnectAll(store.db, clock.now());
    const loops = startLoops(
      {
        scheduler,
        buildKeeper,
        provisioner,
        reaper,
        sweep,
        lostAgents,
        triggers,
        schedules,
        statuses,
        caches,
      },
      { journal, clock, logger, gateway },
    );
    ending.defer(async () => {
      stopping.abort();
      await loops.stop();
      await Promise.all([provisioner, reaper, triggers, statuses].map((part) => part.settled()));
    });

    const tokenFile = join(data, 'admin.token');
    await ensureAdminToken({ file: tokenFile, keys });
    const api = createApi({
      store,
      journal,
      logs,
      blobs,
      keys,
      clock,
      logger,
      clouds,
      secrets,
      projects,
      receiver: createReceiver({ store, journal, clock, projects }),
      startByHand: createStartByHand({ journal, projects, admit, submitDefaults }),
      submitDefaults,
      metrics: new Registry(),
      unready: loops.failing,
      problemOf: sweep.problemOf,
    });
    const servers = await startServers({ listen: configuration.listen, agentSocket, api, gateway, blobs });
    ending.defer(() => servers.close());
    const endpointFile = join(data, 'endpoint.json');
    const endpoint = { url: servers.url, pid: process.pid };
    await writeFile(endpointFile, `${JSON.stringify(endpoint)}\n`, { mode: 0o600 });
    ending.defer(() => rm(endpointFile, { force: true }));
    ending.defer(() => gateway.close());
    return {
      url: servers.url,
      tokenFile,
      async drain(signal) {
        await loops.stopPlacing();
        await provisioner.settled();
        await drainNodes({ store, journal, logger }, signal);
      },
      close: () => ending.disposeAsync(),
    };

    async function onVanished(node: Node): Promise<void> {
      const reason = 'its resource has vanished from the cloud';
      if (node.state === 'leased') await lostAgents.lost(node, reason);
      else await journal.commit((tx) => failNode(tx, node.id, reason));
    }
  }
}
