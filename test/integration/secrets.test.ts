import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildView, EventView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { stepNamed } from '#test/pipelines';

/** I7: what a pipeline does with its secrets shows nowhere outside its node. */

const TOKEN = 'Tr0ub4dor "&3\' \\ ünï/+<x>';
const KEY = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASCBKc\n-----END KEY-----\n';

/** What must not be found, in any place: long parts of each, plain and encoded. */
const TRACES = [
  'Tr0ub4dor',
  'MIIEvQIBADANBgkqh',
  'kiG9w0BAQEFAASCBKc',
  ...[TOKEN, KEY].flatMap((value) => [
    Buffer.from(value).toString('base64').slice(0, 12),
    Buffer.from(value).toString('hex').slice(0, 16),
  ]),
];

/** Prints what it finds in $TOKEN and $KEY in every form that programs print it in. */
const PRINT = `
  const { TOKEN, KEY } = process.env;
  for (const value of [TOKEN, KEY]) {
    const json = JSON.stringify(value);
    const ascii = json.replace(/[^ -~]/g, (c) => "\\\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
    const forms = {
      plain: value, json, ascii, slashes: json.replaceAll("/", "\\\\/"), twice: JSON.stringify(json),
      url: encodeURIComponent(value), lower: encodeURIComponent(value).replace(/%../g, (e) => e.toLowerCase()),
      form: new URLSearchParams({ value }), base64: btoa(unescape(encodeURIComponent(value))),
      url64: Buffer.from(value).toString("base64url"), one: Buffer.from("1" + value).toString("base64"),
      two: Buffer.from("22" + value).toString("base64"), hex: Buffer.from(value).toString("hex"),
      lines: value.split("\\n").map((line) => "> " + line).join("\\n"),
    };
    for (const [name, form] of Object.entries(forms)) require("fs").writeSync(1, name + " " + form + "\\n");
    for (const byte of Buffer.from(value)) require("fs").writeSync(1, Buffer.from([byte]));
    require("fs").writeSync(2, "\\nand on standard error " + value + "\\n");
  }`;

const PIPELINE = `
env: { PRINT: ${JSON.stringify(PRINT)} }
jobs:
  a:
    runs-on: linux
    outputs: { leak: "\${{ steps.prints.outputs.leak }}" }
    steps:
      - name: prints
        id: prints
        env: { TOKEN: "\${{ secrets.TOKEN }}", KEY: "\${{ secrets.KEY }}", NODE: ${JSON.stringify(process.execPath)} }
        run: |
          set -x
          : "$TOKEN"
          set +x
          "$NODE" -e "$PRINT"
          export -p
          echo "leak=$TOKEN" >> "$FOOTMAN_OUTPUT"
          printf 'key<<END\\n%sEND\\n' "$KEY" >> "$FOOTMAN_OUTPUT"
      - name: dumps
        shell: bash
        env: { TOKEN: "\${{ secrets.TOKEN }}", KEY: "\${{ secrets.KEY }}" }
        run: |
          set -x
          : "$TOKEN" "$KEY"
          export -p
          printf '%q\\n' "$TOKEN" "$KEY"
          LC_ALL=C bash -c 'declare -p TOKEN KEY'
      - name: passes on
        env: { LEAK: "\${{ steps.prints.outputs.leak }}" }
        run: echo "got $LEAK"
      - name: no secret
        run: echo "token is <$TOKEN>"
`;

let controller: EmbeddedController;
let build: BuildView;
let events: EventView[];

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, max-nodes: 2, templates: { host: { labels: linux } } } }',
  );
  await setSecret('TOKEN', TOKEN);
  await setSecret('KEY', KEY);
  const { id } = await controller.api.submit(PIPELINE);
  events = await controller.api.eventsUntil(
    ({ kind, data }) => kind === 'build' && data.id === id && data.state === 'finished',
  );
  build = await controller.api.build(id);
});

afterAll(() => controller.dispose());

async function setSecret(name: string, value: string): Promise<void> {
  const response = await fetch(`${controller.url}/api/v1/secrets/${name}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await controller.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
  });
  expect(response.status).toBe(200);
}

function expectNoTrace(text: string, where: string): void {
  expect(
    TRACES.filter((trace) => text.includes(trace)),
    where,
  ).toEqual([]);
}

describe('a pipeline that prints its secrets in every form', () => {
  test('has them, and succeeds', async () => {
    expect(build.result).toBe('success');
    const log = await controller.api.log(stepNamed(build, 'prints').id);
    for (const form of ['plain', 'json', 'ascii', 'url', 'base64', 'hex', 'twice']) {
      expect(log).toMatch(new RegExp(`^${form} "{0,1}[^a-z]*\\*\\*\\*`, 'm'));
    }
    expect(log).toContain('and on standard error ***');
  });

  test('leaves no trace in the logs', async () => {
    for (const step of build.jobs.flatMap(({ steps }) => steps)) {
      expectNoTrace(await controller.api.log(step.id), `the log of ${step.name}`);
    }
  });

  test('leaves no trace in events and answers, outputs included', async () => {
    expectNoTrace(JSON.stringify(events), 'the events');
    expectNoTrace(JSON.stringify(build), 'the build');
    expect(await controller.api.log(stepNamed(build, 'passes on').id)).toBe('got ***\n');
  });

  test('gives them to the steps that name them only', async () => {
    expect(await controller.api.log(stepNamed(build, 'no secret').id)).toBe('token is <>\n');
  });

  test('leaves no trace in any file of the controller, the store and its journal included', async () => {
    await controller.api.drained();
    const entries = await readdir(controller.folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    expect(files.some((file) => file.endsWith('footman.db-wal'))).toBe(true);
    for (const file of files) expectNoTrace(await readFile(file, 'latin1'), file);
  });
});
