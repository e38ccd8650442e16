import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  makeMarkedFolder,
  readJson,
  removeMarkedFolder,
  removeRemains,
  replaceFile,
  type MarkedFolder,
} from '#controller/files';
import { checkNodeId, isNodeId } from '#controller/launchers';
import { machineFolder, type MachineFolder } from './machine/index.ts';
import { NodeRecord } from './node-record.ts';

/** The folders of a cloud's nodes, with the nodes' records as their marks. */
export interface NodeStore {
  folderOf(node: string): MachineFolder;
  /** Undefined where there is no such node, another controller's included. */
  find(node: string): Promise<NodeRecord | undefined>;
  /** All of this controller's nodes. */
  all(): Promise<NodeRecord[]>;
  /** All that any controller has here. */
  everybodys(): Promise<NodeRecord[]>;
  /** Makes the folder with the record in it; one that is there stays as it is. */
  make(record: NodeRecord): Promise<void>;
  replace(record: NodeRecord): Promise<void>;
  /** Removes the folder, or what is left of it; another controller's is left alone. Idempotent. */
  remove(node: string): Promise<void>;
}

const RECORD = 'record.json';
/** There are keys in it. */
const OWN = 0o600;

export function createNodeStore(parent: string, controllerId: string): NodeStore {
  return {
    folderOf: (node) => machineFolder(markedFolder(node).path),
    async find(node) {
      const record = await read(node);
      return record?.controller === controllerId ? record : undefined;
    },
    async all() {
      return (await everybodys()).filter(({ controller }) => controller === controllerId);
    },
    everybodys,
    make: (record) => makeMarkedFolder(markedFolder(record.node), JSON.stringify(record)),
    replace: (record) =>
      replaceFile(join(markedFolder(record.node).path, RECORD), JSON.stringify(record), OWN),
    async remove(node) {
      const record = await read(node);
      if (record === undefined) await removeRemains(markedFolder(node));
      else if (record.controller === controllerId) await removeMarkedFolder(markedFolder(node));
    },
  };

  async function everybodys(): Promise<NodeRecord[]> {
    const names = (await readdir(parent)).filter(isNodeId);
    const records = await Promise.all(names.map(read));
    return records.filter((record) => record !== undefined);
  }

  async function read(node: string): Promise<NodeRecord | undefined> {
    return NodeRecord.safeParse(await readJson(join(markedFolder(node).path, RECORD))).data;
  }

  function markedFolder(node: string): MarkedFolder {
    checkNodeId(node);
    return { path: join(parent, node), mark: RECORD };
  }
}
