import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CloudContext } from '#controller/clouds';
import { processesOfNode, readCommandLine } from '#test/node-traces';
import { openProcessFixture, type ProcessCloudFixture } from './process-fixture.ts';
import { cloudContract } from './suite.ts';

const never = new AbortController().signal;
/** Nobody else's, whoever runs this at the same time. */
const node = `n-${process.pid}`;
const reference = { id: node, resource: null };

cloudContract('process', () => open());

describe('a process node', () => {
  let fixture: ProcessCloudFixture;
  beforeEach(async () => {
    fixture = await open({ environment: { GREETING: 'hello' } });
  });
  afterEach(() => fixture.dispose());

  test('has the variables of its template, and none of the controller', async () => {
    process.env['FOOTMAN_TEST_SECRET'] = 'hunter2';
    await launch();
    delete process.env['FOOTMAN_TEST_SECRET'];
    expect(await fixture.dialIn.run(node, 'env')).toContain('GREETING=hello\n');
    expect(await fixture.exposed(node)).not.toContain('hunter2');
  });

  test('is removed with the daemons that its steps left', async () => {
    await launch();
    await fixture.dialIn.run(node, '(setsid sleep 1000 &) ; echo started');
    await fixture.cloud.remove(reference, never);
    expect(await processesOfNode(node)).toEqual([]);
  });

  test('is removed with a process that dropped its environment but stands in its folder', async () => {
    await launch();
    const output = await fixture.dialIn.run(
      node,
      `cd ${join(fixture.nodes, node)} && exec setsid env -i sh -c 'echo $$; exec sleep 1000'`,
    );
    const pid = output.trim();
    await killAgent();
    expect(await readCommandLine(pid)).toEqual(['sleep', '1000']);
    await fixture.cloud.remove(reference, never);
    expect(await readCommandLine(pid)).toEqual([]);
  });

  test('gets a new agent in place of one that no life of the controller has noted', async () => {
    await launch();
    const [unnoted = ''] = await processesOfNode(node);
    await rm(join(fixture.nodes, node, 'agent.pid.json'));
    await fixture.cloud.launch(launchOf(), never);
    expect(await processesOfNode(node)).not.toContain(unnoted);
    expect(await processesOfNode(node)).toHaveLength(1);
  });

  test('gets a new agent when its process number is another process by now', async () => {
    await launch();
    await killAgent();
    const file = join(fixture.nodes, node, 'agent.pid.json');
    const record: object = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...record, pid: process.pid }));
    await fixture.cloud.launch(launchOf(), never);
    await fixture.dialIn.arrived(node);
    expect(await processesOfNode(node)).toHaveLength(1);
  });

  test('keeps what its agent printed', async () => {
    const words = `${'x'.repeat(70_000)}last words`;
    await launchWith(['sh', '-c', `echo "$0"; cat`, words]);
    await expect.poll(() => fixture.cloud.console(reference, never)).toMatch(/^x+last words\n/);
    const text = await fixture.cloud.console(reference, never);
    expect(Buffer.byteLength(text ?? '')).toBe(64 * 1024);
  });

  test('whose agent cannot be started is a clear error, and can be removed', async () => {
    await expect(launchWith(['/no/such/program'])).rejects.toMatchObject({ code: 'cloud-unavailable' });
    await fixture.cloud.remove(reference, never);
    expect(await fixture.remains(node)).toEqual([]);
  });

  test('is made from no image', async () => {
    const refusal = fixture.cloud.launch({ ...launchOf(), image: 'v-1' }, never);
    await expect(refusal).rejects.toMatchObject({ code: 'cloud-refused' });
    expect(await fixture.remains(node)).toEqual([]);
  });

  test('is never made of a folder that bears no tag', async () => {
    const folder = join(fixture.nodes, 'photos');
    await mkdir(folder);
    await writeFile(join(folder, 'cat.jpg'), '');
    await fixture.cloud.remove({ id: 'photos', resource: null }, never);
    expect(await Array.fromAsync(fixture.cloud.list(never))).toEqual([]);
    expect(existsSync(join(folder, 'cat.jpg'))).toBe(true);
  });

  test('cannot be named by a path', async () => {
    await expect(fixture.cloud.remove({ id: '../x', resource: null }, never)).rejects.toThrow('"../x"');
  });

  async function launch(): Promise<void> {
    await fixture.cloud.launch(launchOf(), never);
    await fixture.dialIn.arrived(node);
  }

  async function launchWith(command: string[]): Promise<void> {
    const runtime: CloudContext['runtime'] = async () => ({ path: '/', digest: 'x', command: () => command });
    const cloud = await fixture.openCloud({ ...fixture.context, runtime });
    await cloud.launch(launchOf(), never);
  }

  function launchOf() {
    return {
      node: reference,
      template: fixture.template,
      host: null,
      bootstrap: fixture.dialIn.bootstrap(node),
    };
  }

  async function killAgent(): Promise<void> {
    const file = join(fixture.nodes, node, 'agent.pid.json');
    process.kill(JSON.parse(await readFile(file, 'utf8')).pid, 'SIGKILL');
    await fixture.dialIn.left(node);
  }
});

function open(template: unknown = {}): Promise<ProcessCloudFixture> {
  return openProcessFixture({ kind: 'process', settings: () => ({}), nodes: (folder) => folder, template });
}
