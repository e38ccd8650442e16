import type { Tx } from '#controller/events';
import { markRebooted, markRebooting, type Node } from '#controller/store';

/**
 * The life of a reboot, which a job asks for: it is a part of its node's `leased`, and two columns of the node's row.
 *
 * none   `boot` is the boot that the node serves in; no time is due
 * due    `boot` is the boot that is to end, and `reboot_due_at` until when the machine has to be back
 *
 * `none → due` by the job's step, in the commit in which that begins; `due → none` when an agent of another boot was let in, whose boot is
 * the node's from then on. A reboot that takes too long, or whose cloud refuses it, ends the job, and with it the node. All of it is
 * compare-and-swap, so that the row alone says what to do next and a crash anywhere loses nothing.
 */

/** Undefined when the node is no job's any more, reboots already, or never told its boot. */
export async function beginReboot(tx: Tx, nodeId: string, timeoutMs: number): Promise<Node | undefined> {
  const node = await markRebooting(tx.db, nodeId, tx.at + timeoutMs);
  if (node !== undefined) await record(tx, node);
  return node;
}

/** An agent of the boot `to` has come. Undefined when there is no reboot that is to end the boot `from`. */
export async function endReboot(
  tx: Tx,
  nodeId: string,
  boots: { from: string; to: string },
): Promise<Node | undefined> {
  const node = await markRebooted(tx.db, nodeId, boots);
  if (node !== undefined) await record(tx, node);
  return node;
}

async function record(tx: Tx, { id, state, cloud, template, boot, reboot_due_at: due }: Node): Promise<void> {
  const data = { id, state, cloud, template, boot, rebooting: due !== null };
  await tx.record({ kind: 'node', nodeId: id, data });
}
