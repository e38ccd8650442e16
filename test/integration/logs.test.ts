import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createLogs } from '#controller/logs';

const ID = { build: 'b1', job: 'j1', step: 's1' };
const never = new AbortController().signal;

/**
 * A controller's part: opens the log, says what is stored, and appends `SPOKEN`, cut into frames that begin a little before that, as an
 * agent's do. Says whatever it may acknowledge.
 */
const WRITE = `
  import { createLogs } from '#controller/logs';
  const writer = await createLogs({ folder: process.argv[1] }).open(${JSON.stringify(ID)});
  console.log(writer.stored);
  const spoken = Buffer.from(Array.from({ length: 200_000 }, (_, i) => 'line ' + i + '\\n').join(''));
  for (let offset = Math.max(0, writer.stored - 1000); offset < spoken.length; ) {
    const bytes = spoken.subarray(offset, offset + 1 + ((offset * 7919) % 5000));
    const stored = writer.append(offset, Date.now(), bytes);
    stored.then((bytes) => console.log(bytes));
    if (offset % 5 === 0) await stored;
    offset += bytes.length;
  }
  console.log(JSON.stringify(await writer.finish()));
`;
const SPOKEN = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('');

test('a log is whole after its writer was killed ten times', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'footman-logs-'));
  let acknowledged = 0;
  for (let kill = 1; kill <= 10; kill++) {
    const { opened, last } = await write(folder, { killAt: (SPOKEN.length * kill) / 11 });
    expect(opened).toBeGreaterThanOrEqual(acknowledged);
    acknowledged = last;
    const stored = await readFile(join(folder, 'b1/j1/s1.log'), 'utf8');
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged);
    expect(SPOKEN.startsWith(stored)).toBe(true);
  }
  await write(folder, { killAt: Number.POSITIVE_INFINITY });

  const logs = createLogs({ folder });
  expect(await logs.size(ID)).toEqual({ bytes: SPOKEN.length, lines: 200_000, complete: true });
  expect((await readFile(join(folder, 'b1/j1/s1.log'), 'utf8')) === SPOKEN).toBe(true);
  for (let line = 0; line < 200_000; line += 9_973) {
    const { content } = await logs.read(ID, { line, lines: 1 }, never);
    expect(Buffer.concat(await Array.fromAsync(content)).toString()).toBe(`line ${line}\n`);
  }
  await logs.close();
  await rm(folder, { recursive: true });
});

/** Runs a writer until it has acknowledged `killAt` bytes, or to its end. */
async function write(
  folder: string,
  { killAt }: { killAt: number },
): Promise<{ opened: number; last: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITE, folder], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let opened: number | undefined;
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) continue;
    opened ??= Number(line);
    last = Number(line);
    if (last >= killAt) child.kill('SIGKILL');
  }
  await exited;
  return { opened: opened ?? 0, last };
}
