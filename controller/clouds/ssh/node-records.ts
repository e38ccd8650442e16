import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, replaceFile } from '#controller/files';
import { isNodeId } from '#controller/launchers';
import { FootmanError } from '#shared/errors';

/** What the controller knows of a node on a host; written before the host is touched. */
const NodeRecord = z.strictObject({
  node: z.string(),
  /** Whose node it is. */
  controller: z.string(),
  host: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.int(),
  /** When the node was given up while it could not be ended on its host; its host's next reset ends it. */
  leftAt: z.int().optional(),
});
export type NodeRecord = z.infer<typeof NodeRecord>;

/** One file for each node, all in one folder. */
export interface NodeRecords {
  /** All records of this controller. Throws for one that can't be read: what it says is not known. */
  all(): Promise<NodeRecord[]>;
  find(node: string): Promise<NodeRecord | undefined>;
  /**
   * Writes the node's record unless it is there already, and returns the one that holds. Claims are made one after the other.
   *
   * @throws FootmanError `cloud-refused` where another node is on the host, or the node is another's
   */
  claim(node: string, host: string): Promise<NodeRecord>;
  /** The node is gone as far as anybody can tell, but its host did not confirm that. */
  leave(record: NodeRecord): Promise<void>;
  /** Idempotent. */
  drop(node: string): Promise<void>;
}

const SUFFIX = '.json';

export async function openNodeRecords(folder: string, controller: string): Promise<NodeRecords> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let turn: Promise<unknown> = Promise.resolve();
  return { all, find, claim: claimInTurn, leave, drop };

  async function all(): Promise<NodeRecord[]> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
    const records = await Promise.all(names.map((name) => read(name.slice(0, -SUFFIX.length))));
    return records.filter((record): record is NodeRecord => record?.controller === controller);
  }

  async function find(node: string): Promise<NodeRecord | undefined> {
    const record = await read(node);
    return record?.controller === controller ? record : undefined;
  }

  function claimInTurn(node: string, host: string): Promise<NodeRecord> {
    const claimed = turn.then(() => claim(node, host));
    turn = claimed.catch(() => undefined);
    return claimed;
  }

  async function claim(node: string, host: string): Promise<NodeRecord> {
    const known = await read(node);
    if (known !== undefined && known.controller !== controller)
      throw new FootmanError('cloud-refused', `${node} is another controller's`);
    if (known?.leftAt !== undefined)
      throw new FootmanError('cloud-refused', `${node} was given up, and is not launched again`);
    if (known !== undefined && known.host !== host)
      throw new FootmanError('cloud-refused', `${node} is on host ${known.host}, not on ${host}`);
    const other = (await all()).find((record) => record.host === host && record.node !== node);
    if (other !== undefined) throw new FootmanError('cloud-refused', `host ${host} has node ${other.node}`);
    if (known !== undefined) return known;
    const record = { node, controller, host, createdAt: Date.now() };
    await write(record);
    return record;
  }

  async function leave(record: NodeRecord): Promise<void> {
    await write({ ...record, leftAt: Date.now() });
  }

  async function drop(node: string): Promise<void> {
    await rm(pathOf(node), { force: true });
  }

  async function write(record: NodeRecord): Promise<void> {
    await replaceFile(pathOf(record.node), JSON.stringify(record));
  }

  async function read(node: string): Promise<NodeRecord | undefined> {
    if (!isNodeId(node)) return undefined;
    try {
      return NodeRecord.parse(JSON.parse(await readFile(pathOf(node), 'utf8')));
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw new FootmanError('cloud-unavailable', `the record ${pathOf(node)} can't be read`, {
        hint: `what it says is not known: remove it once nothing of node ${node} is left on its host`,
        cause,
      });
    }
  }

  function pathOf(node: string): string {
    return join(folder, `${node}${SUFFIX}`);
  }
}
