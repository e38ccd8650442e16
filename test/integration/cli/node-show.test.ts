import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NodeList } from '#controller/api';
import { createPlace, type Place } from '#test/footman';

const CONFIGURATION = `
data: data
clouds:
  local:
    kind: process
    templates:
      picky:
        labels: linux
        weight: 200
        checks:
          disk: 1MiB
          script: |
            printf 'no \\033[2Jcompiler\\n'
            echo 'the machine was odd' >> /proc/$PPID/fd/1
            exit 3
      easy: { labels: linux }
`;

let place: Place;

beforeAll(async () => {
  place = await createPlace(CONFIGURATION);
  const pipeline = 'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }\n';
  expect((await place.run('run', await place.write('ok.yaml', pipeline))).exit).toBe(0);
});

afterAll(() => place[Symbol.asyncDispose]());

test('of a node that failed its checks, all that was found can be seen though it is gone', async () => {
  const id = await nodeOf('picky');
  const { exit, out } = await place.run('node', 'show', id);
  expect(exit).toBe(0);
  expect(out).toContain(`node\t${id}\n`);
  expect(out).toContain('template\tlocal/picky\n');
  expect(out).toContain('reason\tits check "script" failed: it ended with exit code 3\n');
  expect(out).toMatch(/^connected\t[-\d]+ [:\d]+\t/m);
  expect(out).toMatch(/^disk\tsuccess\t\t.* free, at least 1 MiB$/m);
  expect(out).toMatch(/^script\tfailure\t\S+\tit ended with exit code 3$/m);
  expect(out).toContain('compiler\n');
  expect(out).toContain('the machine was odd\n');
});

test('programs get it as one document', async () => {
  const { out } = await place.run('--json', 'node', 'show', await nodeOf('picky'));
  expect(JSON.parse(out)).toMatchObject({
    node: { failure: 'check', readyAt: null, facts: { diskBytes: expect.any(Number), ...release() } },
    checks: {
      results: [
        { name: 'disk', ok: true },
        { name: 'script', ok: false },
      ],
    },
    console: expect.stringContaining('the machine was odd'),
  });
});

test('of a node without checks there is the rest; a node that never was is told', async () => {
  const { exit, out } = await place.run('node', 'show', await nodeOf('easy'));
  expect(exit).toBe(0);
  expect(out).toMatch(/^leased\t/m);
  expect(out).toMatch(/^disk\t\S+ \S+ free of \S+ \S+$/m);
  expect(out).not.toContain('script');
  const missing = await place.run('node', 'show', 'nobody');
  expect(missing).toMatchObject({ exit: 66, err: expect.stringContaining('there is no node nobody') });
});

/** Of this machine, whose processes the nodes are. */
function release(): { osId: string } {
  return { osId: /^ID="?(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown' };
}

async function nodeOf(template: string): Promise<string> {
  const { out } = await place.run('--json', 'nodes', '--all');
  const { nodes } = JSON.parse(out) as NodeList;
  return nodes.find((node) => node.template === template)?.id ?? 'none';
}
