import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAccess, createRecordings } from '#controller/access';
import { createApi, createTerminals, ensureAdminToken } from '#controller/api';
import type { Bastion } from '#controller/bastion';
import { createBuildKeeper } from '#controller/builds';
import { createCaches } from '#controller/caches';
import type { Configuration } from '#controller/config';
import { createReloader, type Outlook } from '#controller/configuration';
import { createGateway } from '#controller/gateway';
import { createExports } from '#controller/images';
import { createRuntime } from '#controller/launchers';
import { lockFolder } from '#controller/lock';
import type { Logger } from '#controller/logger';
import { createDoctor, drainNodes } from '#controller/nodes';
import { createQueueStore, createScheduler } from '#controller/scheduler';
import { disconnectAll } from '#controller/store';
import { Registry } from 'prom-client';
import {
  agentSocketFor,
  createNodeParts,
  createProvisionerParts,
  createStorageParts,
  createTriggerParts,
  layGround,
  learnLabels,
  leaseLimits,
  openBastion,
  openClouds,
  startLoops,
  startServers,
} from './assembly/index.ts';

/** A running controller. */
export interface Controller {
  /** Where the API listens, as `http://host:port`. */
  url: string;
  /** File that holds the administrator's token, for its owner's eyes only. */
  tokenFile: string;
  /** Null where none is configured. */
  bastion: Pick<Bastion, 'port' | 'hostKey'> | null;
  /** Takes no new work, and resolves when every node is gone; those that no cloud will remove now are left for the next start. */
  drain(signal: AbortSignal): Promise<void>;
  /**
   * Reads the configuration again and applies what of it can change while a controller runs; `actor` is who asked.
   *
   * @throws FootmanError when nothing was applied
   */
  reload(actor: string): Promise<Outlook>;
  /** Stops. Idle nodes are removed before where `shutdown` says so. Nodes and their jobs go on, and find the controller again at its next start. */
  close(): Promise<void>;
}

interface Options {
  logger: Logger;
  /** The agent as one bundled file. */
  agentFile: string;
  /** Where the configuration came from, to read it again; by default it stays as it was given. */
  source?: ConfigurationSource;
  /** Whether jobs get nodes and pools are filled, as by default; one that is started to answer a question launches nothing. */
  isPlacing?: boolean;
}

interface ConfigurationSource {
  /** Absolute; null where the built-in defaults hold. */
  file: string | null;
  /** With a text, that stands in the file's place. */
  load(text?: string): Promise<Configuration>;
}

/** Where no bastion is configured, whose limit holds for terminals, too. */
const TERMINAL_IDLE_MS = 30 * 60_000;

/** For idle nodes to go when the controller stops, in milliseconds. */
const SHUTDOWN_DRAIN_MS = 60_000;
/** For stopped nodes to be removed then. */
const SHUTDOWN_FLUSH_MS = 15_000;

/** The one composition root: everything that a controller is made of is made, and ended, here. */
export async function startController(
  configuration: Configuration,
  { logger, agentFile, source = { file: null, load: async () => configuration }, isPlacing = true }: Options,
): Promise<Controller> {
  const { data, timeouts } = configuration;
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
    const ground = await layGround(configuration, logger, ending);
    const { controllerId, store, journal, clock, keys, blobs } = ground;

    const runtime = createRuntime({ folder: join(data, 'runtime'), agentFile });
    const agentSocket = agentSocketFor(data);
    const { fleet, connections } = await openClouds(configuration.clouds, join(data, 'clouds'), {
      controllerId,
      endpoints: {
        socketFolder: agentSocket.folder,
        socketName: agentSocket.name,
        url: configuration.publicUrl,
      },
      runtime: (signal) => runtime.folder(signal),
      logger,
    });
    ending.defer(() => connections.closeAll());

    const stopping = new AbortController();
    const { signal } = stopping;
    const reloader = createReloader({
      ...ground,
      ...source,
      fleet,
      connections,
      started: configuration,
      planned: () => loops.planned(),
    });
    const caches = createCaches({
      ...ground,
      limitBytes: () => reloader.running().limits.cacheBytes,
    });
    const storageParts = createStorageParts(ground, reloader.running);
    const { orphans, testReader } = storageParts;
    ending.defer(await learnLabels(ground, fleet));
    const gateway = createGateway({
      ...ground,
      fleet,
      caches,
      graceMs: timeouts.agentLost,
      canReboot: ({ cloud }) => fleet.connection(cloud)?.capabilities.reboot === true,
      canCapture: ({ cloud }) => fleet.connection(cloud)?.images !== undefined,
      checksOf: ({ cloud, template }) => fleet.template(cloud, template)?.checks ?? null,
      limits: leaseLimits(reloader.running),
      readReports: testReader.read,
      longestHoldMs: () => reloader.running().holds.maximum,
    });
    const recordings = {
      isRecording: () => reloader.running().bastion?.isRecording ?? false,
      keepMs: () => reloader.running().bastion?.keepRecordings ?? Infinity,
      folder: join(data, 'recordings'),
    };
    const access = await createAccess({ ...ground, ...recordings, heldNodes: gateway.heldNodes });
    const terminals = createTerminals({
      ...ground,
      access,
      idleMs: () => reloader.running().bastion?.idleTimeout ?? TERMINAL_IDLE_MS,
    });
    const submitDefaults = {
      get queueTimeoutMs() {
        return reloader.running().timeouts.queue;
      },
    };
    const provisionerParts = await createProvisionerParts(ground, fleet, configuration, signal);
    const { provisioner } = provisionerParts;
    const nodeParts = createNodeParts(ground, {
      fleet,
      heldNodes: gateway.heldNodes,
      provisioner,
      running: reloader.running,
      submitDefaults,
      signal,
    });
    const triggerParts = await createTriggerParts(ground, fleet, configuration, submitDefaults, signal);
    const { reaper, sweep, hostKeeper, rebootKeeper, reviver, holdKeeper } = nodeParts;
    const { versionKeeper, imageRemover, lostAgents } = nodeParts;
    const { triggers, preparer, statuses } = triggerParts;

    // Nobody is connected yet: from here on agents have their time to come back.
    await disconnectAll(store.db, clock.now());
    const loops = startLoops(
      {
        scheduler: createScheduler({ ...ground, fleet, queue: createQueueStore(ground) }),
        buildKeeper: createBuildKeeper(ground),
        ...provisionerParts,
        ...nodeParts,
        ...triggerParts,
        ...storageParts,
        caches,
        recordings: createRecordings({ ...ground, ...recordings }),
        reloader,
      },
      { ...ground, gateway, isPlacing },
    );
    ending.defer(async () => {
      stopping.abort();
      await loops.stop();
      const nodes = [reaper, sweep, hostKeeper, rebootKeeper, reviver, holdKeeper];
      const images = [versionKeeper, imageRemover, lostAgents];
      const parts = [provisioner, ...nodes, ...images, reloader, triggers, preparer, statuses];
      await Promise.all(parts.map((part) => part.settled()));
    });

    const tokenFile = join(data, 'admin.token');
    await ensureAdminToken({ file: tokenFile, keys });
    let bastion: Bastion | null = null;
    const api = createApi({
      ...ground,
      ...triggerParts,
      ...provisionerParts,
      ...storageParts,
      fleet,
      reloader,
      doctor: createDoctor({
        ...ground,
        ...nodeParts,
        fleet,
        storage: { kind: configuration.blobs.kind, probe: blobs.probe },
        teardown: () => reloader.running().teardown,
        failing: () => [...loops.failing(), ...orphans.problems()],
      }),
      submitDefaults,
      exports: createExports({ ...ground, fleet }),
      heldNodes: gateway.heldNodes,
      access,
      bastion: () => bastion,
      terminals,
      metrics: new Registry(),
      unready: loops.failing,
      problemOf: sweep.problemOf,
    });
    const servers = await startServers({
      listen: configuration.listen,
      agentSocket,
      api,
      gateway,
      terminals,
      blobs,
    });
    ending.defer(() => servers.close());
    const endpointFile = join(data, 'endpoint.json');
    const endpoint = { url: servers.url, pid: process.pid };
    await writeFile(endpointFile, `${JSON.stringify(endpoint)}\n`, { mode: 0o600 });
    ending.defer(() => rm(endpointFile, { force: true }));
    ending.defer(() => gateway.close());
    bastion = await openBastion(ground, access, configuration);
    // Their channels are the gateway's.
    ending.defer(async () => {
      await Promise.all([terminals.close(), bastion?.close()]);
      await access.settled();
    });
    return {
      url: servers.url,
      bastion,
      tokenFile,
      reload: reloader.reload,
      drain: (until) => drain({ isBusyAwaited: true, signal: until }),
      async close() {
        if (reloader.running().shutdown === 'drain') await drainIdle();
        // What has served and was only put off; a cloud that does not answer leaves it to the next start.
        else await reaper.flush(AbortSignal.timeout(SHUTDOWN_FLUSH_MS));
        await ending.disposeAsync();
      },
    };

    async function drain(how: { isBusyAwaited: boolean; signal: AbortSignal }): Promise<void> {
      await loops.stopPlacing();
      await provisioner.settled();
      await drainNodes({ store, journal, logger, reaper }, how);
    }

    async function drainIdle(): Promise<void> {
      try {
        await drain({ isBusyAwaited: false, signal: AbortSignal.timeout(SHUTDOWN_DRAIN_MS) });
      } catch (error) {
        logger.warn({ err: error }, 'not all idle nodes could be removed; the next start goes on');
      }
    }
  }
}
