import type { Tx } from '#controller/events';
import { asConfigured, factLabels, type Template } from '#controller/fleet';
import { pinOf, type LabelMatcher } from '#controller/matching';
import {
  findRequest,
  patchNode,
  putTemplateLabels,
  recordDecline,
  type Node,
  type NodeRequest,
} from '#controller/store';
import type { Facts } from '#shared/protocol';

interface Lesson {
  node: Node;
  facts: Facts;
  /** The node's, as it is configured now; undefined where it is not any more. */
  template: Template | undefined;
  matcher: LabelMatcher;
}

/**
 * A node has told what it is: from now on it has the labels that follow, whatever its template promised, and its template promises the
 * same. A request that it does not fit hears that, and asks this candidate never again: whatever such nodes tell, each makes one of them (L11).
 */
export async function learnLabels(tx: Tx, { node, facts, template, matcher }: Lesson): Promise<void> {
  // What a changed template makes may tell something else.
  if (template === undefined || template.factsAsLabels.length === 0) return;
  if (template.digest !== node.template_digest) return;
  const configured = asConfigured(template).labels;
  const told = [...new Set(factLabels(facts, template.factsAsLabels))].filter(
    (label) => !configured.has(label),
  );
  const isNew = template.learned === null || template.learned.symmetricDifference(new Set(told)).size > 0;
  // One that was made for a version of an image may be another release than what everybody gets: it is believed where none has told yet.
  const mayTeach = template.learned === null || pinOf(node) === null;
  if (isNew && mayTeach) await teach(tx, template, told);
  const labels = [...configured, ...told];
  const request = node.request_id === null ? undefined : await findRequest(tx.db, node.request_id);
  if (request !== undefined && !suits(request, labels, matcher)) await disappoint(tx, request, node, told);
  await patchNode(tx.db, node.id, [node.state], { labels });
}

async function teach(tx: Tx, { cloud, name: template, digest }: Template, labels: string[]): Promise<void> {
  await putTemplateLabels(tx.db, { cloud, template, digest, labels });
  const data = { id: `${cloud}/${template}`, state: 'learned', cloud, template, digest, labels };
  await tx.record({ kind: 'template', data });
}

/** A pool takes what comes. */
function suits(
  { job_id: job, runs_on: runsOn }: NodeRequest,
  labels: string[],
  matcher: LabelMatcher,
): boolean {
  return job === null || matcher.matches(runsOn, labels);
}

async function disappoint(
  tx: Tx,
  { id }: NodeRequest,
  { cloud, template }: Node,
  told: string[],
): Promise<void> {
  const words = told.length === 0 ? 'nothing of what it is' : told.map((label) => `\`${label}\``).join(', ');
  const reason = `its node does not fit: it told ${words}`;
  await recordDecline(tx.db, id, { cloud, template, code: 'labels', reason, final: true, at: tx.at });
}
