import { FootmanError } from '#shared/errors';
import { randomUUID } from 'node:crypto';
import type {
  Cloud,
  CloudContext,
  CloudResource,
  Condition,
  Launch,
  Launched,
  NodeReference,
  Reboot,
} from '../contract.ts';
import { checkNodeId } from '#controller/launchers';
import { openProcessCloud } from '../process/index.ts';
import { createEdges, type Subject } from './edges.ts';
import { createFakeImages } from './images.ts';
import type { FakeSettings, FakeTemplate } from './schema.ts';
import { openFakeWorld } from './world.ts';

/** How long a rule's `vanish` waits for the agent to be gone. */
const VANISH_LIMIT_MS = 10_000;

/** Its nodes are resources of a file-backed world and, with `agents`, nodes of a process cloud too. */
export async function openFakeCloud(
  settings: FakeSettings,
  context: CloudContext,
): Promise<Cloud<FakeTemplate>> {
  const controller = context.controllerId;
  const world = await openFakeWorld(settings.world);
  const processes = settings.agents
    ? await openProcessCloud({ ...context, folder: world.paths.processes })
    : undefined;
  const vanish = (node: string) => takeAway(node, AbortSignal.timeout(VANISH_LIMIT_MS));
  const edges = createEdges({ world, controller, vanish });

  return {
    capabilities: {
      snapshot: true,
      console: settings.agents,
      privateNetwork: false,
      reboot: true,
    },
    launch,
    list,
    stop,
    remove,
    reboot,
    inspect,
    console: readConsole,
    currentImage: ({ variant }) => world.image(variant),
    images: createFakeImages({ world, controller, edges, subjectOf, halt }),
    hosts: { of: ({ hosts = null }) => hosts, reset },
    close: async () => processes?.close(),
  };

  async function launch(launch: Launch<FakeTemplate>, signal: AbortSignal): Promise<Launched> {
    const node = launch.node.id;
    const { variant } = launch.template;
    const subject: Subject = { node, host: launch.host ?? undefined, image: launch.image, variant };
    checkNodeId(node);
    await edges.before('launch', subject, signal);
    if (subject.host !== undefined) await checkIsFree(subject.host, node);
    const { image, content } = await origin(launch);
    const made = await world.create({
      controller,
      ...subject,
      node,
      image,
      boot: randomUUID(),
      createdAt: Date.now(),
    });
    if (made) await edges.note('created', 'launch', subject);
    else if (!(await isOurs(node)))
      throw new FootmanError('cloud-refused', `${node} is not this controller's`);
    await world.makeDisk(node, `${content}${node} is of ${image}\n`);
    await startAgent(launch, signal);
    await edges.after('launch', subject, signal);
    return { resource: node, image: (await world.find(node))?.image ?? image };
  }

  /** What the node is made from, and what is on its disk by that. */
  async function origin({
    image,
    template,
  }: Launch<FakeTemplate>): Promise<{ image: string; content: string }> {
    if (image === undefined) return { image: await world.image(template.variant), content: '' };
    const capture = await world.captures.find(controller, image);
    if (capture === undefined) throw new FootmanError('cloud-refused', `there is no image ${image}`);
    return { image, content: capture.content };
  }

  async function* list(signal: AbortSignal): AsyncIterable<CloudResource> {
    await edges.before('list', { node: null }, signal);
    for (const { node, createdAt, ...rest } of await world.all()) {
      if (rest.controller !== controller || (await world.isHidden(node))) continue;
      yield { id: node, nodeId: node, kind: 'fake', createdAt };
    }
    // What goes wrong here does so after a part of the answer was read.
    await edges.after('list', { node: null }, signal);
  }

  async function stop(node: NodeReference, signal: AbortSignal): Promise<void> {
    const subject = await subjectOf(node);
    await edges.before('stop', subject, signal);
    await processes?.stop(node, signal);
    await edges.after('stop', subject, signal);
  }

  async function remove(node: NodeReference, signal: AbortSignal): Promise<void> {
    const subject = await subjectOf(node);
    await edges.before('remove', subject, signal);
    await takeAway(node.id, signal);
    await edges.after('remove', subject, signal);
  }

  /** The machine goes down with all of its processes, and comes back in another boot, with an agent in the same folder. */
  async function reboot(reboot: Reboot<FakeTemplate>, signal: AbortSignal): Promise<void> {
    const subject = await subjectOf(reboot.node);
    await edges.before('reboot', subject, signal);
    const resource = await world.find(reboot.node.id);
    if (resource?.controller !== controller)
      throw new FootmanError('cloud-refused', `there is no node ${reboot.node.id}`);
    if (resource.boot === reboot.boot) {
      await halt(reboot.node, signal);
      await world.reboot(resource, randomUUID());
    }
    await startAgent(reboot, signal);
    await edges.after('reboot', subject, signal);
  }

  /** The kernel's boot id says nothing about the node's machine: there is none. Steps find its disk at `$FAKE_DISK`. */
  async function startAgent(
    { node, host, template, bootstrap }: Launch<FakeTemplate>,
    signal: AbortSignal,
  ): Promise<void> {
    const boot = (await world.find(node.id))?.boot;
    const own = { FAKE_DISK: world.diskOf(node.id), ...(boot && { FOOTMAN_BOOT_ID: boot }) };
    const environment = { ...template.environment, ...own };
    await processes?.launch({ node, host, template: { ...template, environment }, bootstrap }, signal);
  }

  async function halt(node: NodeReference, signal: AbortSignal): Promise<void> {
    await processes?.halt(node, signal);
  }

  async function inspect(node: NodeReference, signal: AbortSignal): Promise<Condition> {
    const subject = await subjectOf(node);
    await edges.before('inspect', subject, signal);
    const condition = await conditionOf(node, signal);
    await edges.after('inspect', subject, signal);
    return condition;
  }

  async function conditionOf(node: NodeReference, signal: AbortSignal): Promise<Condition> {
    const resource = await world.find(node.id);
    if (resource?.controller !== controller) return { state: 'gone' };
    const agent = await processes?.inspect(node, signal);
    return agent?.state === 'stopped' ? agent : { state: 'running', boot: resource.boot ?? null };
  }

  async function readConsole(node: NodeReference, signal: AbortSignal): Promise<string | null> {
    const subject = await subjectOf(node);
    await edges.before('console', subject, signal);
    const text = await processes?.console(node, signal);
    await edges.after('console', subject, signal);
    return text ?? null;
  }

  async function reset(host: string, signal: AbortSignal): Promise<void> {
    const subject: Subject = { node: null, host };
    await edges.before('reset', subject, signal);
    await checkIsFree(host);
    await edges.after('reset', subject, signal);
  }

  /** What a caller would break on a real host goes wrong here at once. */
  async function checkIsFree(host: string, node?: string): Promise<void> {
    const other = (await world.all()).find((resource) => resource.host === host && resource.node !== node);
    if (other !== undefined) throw new FootmanError('cloud-refused', `host ${host} has node ${other.node}`);
  }

  async function takeAway(node: string, signal: AbortSignal): Promise<void> {
    await processes?.remove({ id: node, resource: null }, signal);
    if (!(await isOurs(node))) return;
    await world.delete(node);
    await edges.note('deleted', 'remove', { node });
  }

  async function isOurs(node: string): Promise<boolean> {
    return (await world.find(node))?.controller === controller;
  }

  async function subjectOf({ id }: NodeReference): Promise<Subject> {
    checkNodeId(id);
    return { node: id, variant: (await world.find(id))?.variant };
  }
}
