import { join } from 'node:path';
import type { RuntimeFolder } from './contract.ts';
import { LIBRARY_FOLDER, listContents, stampOf, type Content } from './contents.ts';
import { readKnownDigest, writeKnownDigest } from './known-digest.ts';
import { pack } from './pack.ts';

interface Options {
  /** Where runtimes are kept, each under its digest. */
  folder: string;
  /** The agent as one bundled file. */
  agentFile: string;
  /** The Node.js program to carry; this process's own unless given. It must have been loaded with the same libraries. */
  node?: string;
}

export interface Runtime {
  /**
   * The folder that holds the runtime, packed on the first call; after a failure the next call tries again. Throws `host-unfit` where
   * this machine lacks something that the runtime needs.
   */
  folder(signal: AbortSignal): Promise<RuntimeFolder>;
}

/**
 * The runtime is the pinned Node.js, the agent, and the C loader and libraries beside them, so that it runs in any Linux image of this
 * machine's architecture, one without a C library included.
 */
export function createRuntime({ folder, agentFile, node = process.execPath }: Options): Runtime {
  let packed: Promise<RuntimeFolder> | undefined;

  return {
    async folder(signal) {
      signal.throwIfAborted();
      // Not bound to the caller's signal: others wait for the same folder, and packing takes a second at most.
      packed ??= packOnce(folder, node, agentFile).catch((error: unknown) => {
        packed = undefined;
        throw error;
      });
      return packed;
    },
  };
}

async function packOnce(folder: string, node: string, agentFile: string): Promise<RuntimeFolder> {
  const contents = await listContents(node, agentFile);
  const stamp = await stampOf(contents);
  let digest = await readKnownDigest(folder, stamp);
  if (digest === undefined) {
    digest = await pack(folder, contents);
    await writeKnownDigest(folder, stamp, digest);
  }
  return { path: join(folder, digest), digest, command: (mount) => commandAt(mount, contents) };
}

/** Node.js is started through its own loader, so that nothing of the image's is looked at. */
function commandAt(mount: string, contents: Content[]): string[] {
  const loader = contents.find(({ name }) => name.startsWith(`${LIBRARY_FOLDER}/ld-linux`))?.name ?? '';
  return [
    `${mount}/${loader}`,
    '--library-path',
    `${mount}/${LIBRARY_FOLDER}`,
    `${mount}/node`,
    '--disable-warning=ExperimentalWarning',
    `${mount}/agent.mjs`,
  ];
}
