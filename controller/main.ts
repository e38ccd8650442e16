import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApi, ensureAdminToken } from '#controller/api';
import { createBuildKeeper } from '#controller/builds';
import type { Configuration } from '#controller/config';
import { createGateway } from '#controller/gateway';
import { createRuntime } from '#controller/launchers';
import { lockFolder } from '#controller/lock';
import type { Logger } from '#controller/logger';
import { drainNodes } from '#controller/nodes';
import { createScheduler } from '#controller/scheduler';
import { disconnectAll } from '#controller/store';
import { Registry } from 'prom-client';
import {
  agentSocketFor,
  createNodeParts,
  createTriggerParts,
  layGround,
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
    const ground = await layGround(configuration, logger, ending);
    const { controllerId, store, journal, clock, keys, blobs, caches } = ground;

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

    const gateway = createGateway({
      ...ground,
      graceMs: timeouts.agentLost,
      limits: {
        logBytes: limits.stepLog,
        graceMs: timeouts.cancelGrace,
        artifactsMs: timeouts.artifacts,
        artifactFiles: limits.artifactFiles,
        artifactBytes: limits.artifactBytes,
      },
    });
    const stopping = new AbortController();
    const submitDefaults = { queueTimeoutMs: timeouts.queue };
    const nodeParts = createNodeParts(ground, clouds, configuration, stopping.signal);
    const triggerParts = await createTriggerParts(
      ground,
      clouds,
      configuration,
      submitDefaults,
      stopping.signal,
    );
    const { provisioner, reaper, sweep } = nodeParts;
    const { triggers, statuses } = triggerParts;

    // Nobody is connected yet: from here on agents have their time to come back.
    await disconnectAll(store.db, clock.now());
    const loops = startLoops(
      {
        scheduler: createScheduler(ground),
        buildKeeper: createBuildKeeper(ground),
        ...nodeParts,
        ...triggerParts,
        caches,
      },
      { ...ground, gateway },
    );
    ending.defer(async () => {
      stopping.abort();
      await loops.stop();
      await Promise.all([provisioner, reaper, triggers, statuses].map((part) => part.settled()));
    });

    const tokenFile = join(data, 'admin.token');
    await ensureAdminToken({ file: tokenFile, keys });
    const api = createApi({
      ...ground,
      ...triggerParts,
      clouds,
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
  }
}
