import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cloud, CloudResource, Launch, Launched } from '#controller/clouds';
import type { DialIn } from '#test/dial-in';

/** What a cloud brings to its contract. */
export interface CloudFixture<Template> {
  cloud: Cloud<Template>;
  /** The same provider for another controller. */
  otherCloud: Cloud<Template>;
  /** The first cloud as a restarted controller opens it. */
  reopen(): Promise<Cloud<Template>>;
  template: Template;
  /** The static host that a new node gets, for clouds of such hosts: no two nodes of a fixture get the same. */
  host?(node: string): string;
  /** Where the cloud's agents dial in: its endpoints are those of the clouds' context. */
  dialIn: DialIn;
  /** What there is of the node, each thing by a name that it alone bears: processes, containers, folders. Empty once it is gone. */
  remains(node: string): Promise<string[]>;
  /** Leaves behind what a controller does that dies in the middle of a launch of this node. */
  dieInLaunch(node: string): Promise<void>;
  /** All that others can read of the running node: environments, command lines, tags. */
  exposed(node: string): Promise<string>;
  dispose(): Promise<void>;
}

const never = new AbortController().signal;

/** What every cloud must hold. `open` gives a fresh fixture, with no nodes, for each case. */
export function cloudContract<Template>(name: string, open: () => Promise<CloudFixture<Template>>): void {
  describe(`the ${name} cloud`, () => {
    let fixture: CloudFixture<Template>;
    let serial = 0;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.dispose());

    test('starts an agent that dials in with the token of its node', async () => {
      const node = await launched();
      expect(fixture.dialIn.arrivals(node)).toBe(1);
    });

    test('tells of a node which image it has, and of a template which one a node would get: the same', async () => {
      const { cloud, template } = fixture;
      if (cloud.currentImage === undefined) return;
      const { image } = await launch(newNode());
      expect(image).toEqual(expect.any(String));
      expect(await cloud.currentImage(template, never)).toBe(image);
    });

    test('launches once when asked twice in a row', async () => {
      const node = newNode();
      const first = await launch(node);
      const made = await fixture.remains(node);
      const second = await launch(node);
      await fixture.dialIn.arrived(node);
      expect(second).toEqual(first);
      expect(await nodesOf(fixture.cloud)).toEqual([node]);
      expect(await fixture.remains(node)).toEqual(made);
    });

    test('launches once when asked twice at the same time', async () => {
      const node = newNode();
      const [first, second] = await Promise.all([launch(node), launch(node)]);
      await fixture.dialIn.arrived(node);
      expect(second).toEqual(first);
      expect(await nodesOf(fixture.cloud)).toEqual([node]);
      const usual = await fixture.remains(await launched());
      expect(await fixture.remains(node)).toHaveLength(usual.length);
    });

    test('launches once over two lives of the controller', async () => {
      const node = await launched();
      const made = await fixture.remains(node);
      await launch(node, await fixture.reopen());
      expect(await nodesOf(fixture.cloud)).toEqual([node]);
      expect(await fixture.remains(node)).toEqual(made);
    });

    test('finishes a launch in whose middle a controller died', async () => {
      const node = newNode();
      await fixture.dieInLaunch(node);
      await launch(node);
      await fixture.dialIn.arrived(node);
      expect(await nodesOf(fixture.cloud)).toEqual([node]);
    });

    test('removes what a launch left in whose middle a controller died', async () => {
      const node = newNode();
      await fixture.dieInLaunch(node);
      await fixture.cloud.remove({ id: node, resource: null }, never);
      expect(await resourcesOf(fixture.cloud)).toEqual([]);
      expect(await fixture.remains(node)).toEqual([]);
    });

    test("lists this controller's nodes, and no other's", async () => {
      const before = Date.now();
      const ours = [await launched(), await launched()];
      const theirs = await launched(fixture.otherCloud);
      const listed = await resourcesOf(fixture.cloud);
      expect([...new Set(listed.map(({ nodeId }) => nodeId))].toSorted()).toEqual(ours.toSorted());
      expect(await nodesOf(fixture.otherCloud)).toEqual([theirs]);
      expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
      // A provider may count in whole seconds.
      for (const { createdAt } of listed) expect(createdAt).toBeGreaterThan(before - 2000);
      for (const { createdAt } of listed) expect(createdAt).toBeLessThan(Date.now() + 2000);
    });

    test('removes a node with all it has, and only that', async () => {
      const [stays, goes] = [await launched(), newNode()];
      const { resource } = await launch(goes);
      await fixture.dialIn.arrived(goes);
      await fixture.cloud.remove({ id: goes, resource }, never);
      await fixture.dialIn.left(goes);
      expect(await nodesOf(fixture.cloud)).toEqual([stays]);
      expect(await fixture.remains(goes)).toEqual([]);
      expect(await fixture.remains(stays)).not.toEqual([]);
    });

    test('removes by the id alone, when the answer to the launch was lost', async () => {
      const node = await launched();
      await fixture.cloud.remove({ id: node, resource: null }, never);
      expect(await resourcesOf(fixture.cloud)).toEqual([]);
      expect(await fixture.remains(node)).toEqual([]);
    });

    test('removes as often as it is asked, and what never was', async () => {
      const node = await launched();
      const reference = { id: node, resource: null };
      await Promise.all([fixture.cloud.remove(reference, never), fixture.cloud.remove(reference, never)]);
      await fixture.cloud.remove(reference, never);
      await fixture.cloud.remove({ id: newNode(), resource: null }, never);
      expect(await resourcesOf(fixture.cloud)).toEqual([]);
    });

    test("leaves another controller's node alone", async () => {
      const node = await launched();
      await fixture.otherCloud.stop({ id: node, resource: null }, never);
      await fixture.otherCloud.remove({ id: node, resource: null }, never);
      expect(await fixture.otherCloud.console({ id: node, resource: null }, never)).toBeNull();
      expect(await nodesOf(fixture.cloud)).toEqual([node]);
      expect(await fixture.dialIn.run(node, 'echo alive')).toContain('alive');
    });

    test('removes a node whose step ignores SIGTERM', async () => {
      const node = await launched();
      await fixture.dialIn.run(node, `trap '' TERM HUP INT; echo deaf; while :; do sleep 60; done`);
      await fixture.cloud.remove({ id: node, resource: null }, never);
      expect(await fixture.remains(node)).toEqual([]);
    });

    test('removes a node that was stopped', async () => {
      const node = await launched();
      const reference = { id: node, resource: null };
      await fixture.cloud.stop(reference, never);
      await fixture.cloud.stop(reference, never);
      await fixture.dialIn.left(node);
      expect(await nodesOf(fixture.cloud)).toEqual([node]);
      await fixture.cloud.remove(reference, never);
      await fixture.cloud.stop(reference, never);
      expect(await fixture.remains(node)).toEqual([]);
    });

    test("sees and removes the nodes of the controller's earlier life", async () => {
      const node = await launched();
      await fixture.cloud.close();
      const cloud = await fixture.reopen();
      expect(await nodesOf(cloud)).toEqual([node]);
      await cloud.remove({ id: node, resource: null }, never);
      expect(await resourcesOf(cloud)).toEqual([]);
      expect(await fixture.remains(node)).toEqual([]);
    });

    test('does nothing for a caller that has given up', async () => {
      const { cloud } = fixture;
      const node = newNode();
      const gone = AbortSignal.abort();
      const reference = { id: node, resource: null };
      await expect(launch(node, cloud, gone)).rejects.toBeInstanceOf(Error);
      await expect(resourcesOf(cloud, gone)).rejects.toBeInstanceOf(Error);
      await expect(cloud.stop(reference, gone)).rejects.toBeInstanceOf(Error);
      await expect(cloud.remove(reference, gone)).rejects.toBeInstanceOf(Error);
      expect(await fixture.remains(node)).toEqual([]);
    });

    test('tells how the machine of a node is: it runs, it stands still, it is gone', async () => {
      const { cloud, otherCloud } = fixture;
      if (cloud.inspect === undefined) return;
      const inspect = (id: string, of = cloud) => of.inspect?.({ id, resource: null }, never);
      const node = await launched();
      const running = await inspect(node);
      expect(running).toMatchObject({ state: 'running' });
      expect(await inspect(node), 'the same boot').toEqual(running);
      expect(await inspect(node, otherCloud)).toEqual({ state: 'gone' });
      await cloud.stop({ id: node, resource: null }, never);
      await fixture.dialIn.left(node);
      // Whose connection has closed may need a while more: a machine powers itself off.
      await expect.poll(() => inspect(node), { timeout: 40_000 }).not.toMatchObject({ state: 'running' });
      const ended = await inspect(node);
      if (ended?.state === 'stopped') expect(ended.reason).toMatch(/^\S.*[^.]$/);
      await cloud.remove({ id: node, resource: null }, never);
      expect(await inspect(node)).toEqual({ state: 'gone' });
      expect(await inspect(newNode())).toEqual({ state: 'gone' });
    });

    test('has no console for an unknown node', async () => {
      expect(await fixture.cloud.console({ id: newNode(), resource: null }, never)).toBeNull();
    });

    test('shows nobody the token', async () => {
      const node = await launched();
      const exposed = await fixture.exposed(node);
      expect(exposed).toContain(node);
      for (const token of fixture.dialIn.tokens(node)) expect(exposed).not.toContain(token);
    });

    function newNode(): string {
      return `n-${process.pid}-${Date.now()}-${++serial}`;
    }

    async function launched(cloud = fixture.cloud): Promise<string> {
      const node = newNode();
      await launch(node, cloud);
      await fixture.dialIn.arrived(node);
      return node;
    }

    function launch(node: string, cloud = fixture.cloud, signal = never): Promise<Launched> {
      const launch: Launch<Template> = {
        node: { id: node, resource: null },
        template: fixture.template,
        host: fixture.host?.(node) ?? null,
        bootstrap: fixture.dialIn.bootstrap(node),
      };
      return cloud.launch(launch, signal);
    }
  });
}

async function resourcesOf<Template>(cloud: Cloud<Template>, signal = never): Promise<CloudResource[]> {
  return Array.fromAsync(cloud.list(signal));
}

/** Nodes that have resources, each once. */
async function nodesOf<Template>(cloud: Cloud<Template>): Promise<string[]> {
  return [...new Set((await resourcesOf(cloud)).map(({ nodeId }) => nodeId))];
}
