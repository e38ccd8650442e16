import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A node as a step's script sees it: a workspace, a home and the folders of its step, without an agent. */
export interface ScriptNode {
  workspace: string;
  home: string;
  /** Of the step that runs. */
  inputs: string;
  uploads: string;
  /** Runs the script as the agent would, and gives it fresh inputs for the next one. */
  run(step: { script: string; env: Record<string, string> }, options?: RunOptions): Promise<Outcome>;
  remove(): Promise<void>;
}

interface RunOptions {
  /** As words. */
  shell?: readonly string[];
  env?: Record<string, string>;
  inputs?: Record<string, Buffer>;
  /** Called with the id of the script's process group. */
  started?(group: number): void;
}

interface Outcome {
  exit: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  outputs: string;
}

export async function makeScriptNode(): Promise<ScriptNode> {
  const root = await mkdtemp(join(tmpdir(), 'footman script-'));
  const [workspace, home] = [join(root, 'work space'), join(root, 'home')];
  const [inputs, uploads] = [join(root, 'step', 'inputs'), join(root, 'uploads')];
  for (const folder of [workspace, home, uploads]) await mkdir(folder);

  async function run(
    { script, env }: { script: string; env: Record<string, string> },
    { shell = ['sh'], env: more = {}, inputs: files = {}, started }: RunOptions = {},
  ): Promise<Outcome> {
    await rm(join(root, 'step'), { recursive: true, force: true });
    await mkdir(inputs, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(inputs, name), content);
    const [file, outputs] = [join(root, 'step', 'script'), join(root, 'step', 'outputs')];
    await writeFile(file, script);
    await writeFile(outputs, '');
    const [program = 'sh', ...words] = shell;
    const child = spawn(program, [...words, '-e', file], {
      cwd: workspace,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        ...env,
        ...more,
        FOOTMAN_WORKSPACE: workspace,
        FOOTMAN_INPUTS: inputs,
        FOOTMAN_OUTPUT: outputs,
        FOOTMAN_UPLOADS: uploads,
      },
    });
    if (child.pid !== undefined) started?.(child.pid);
    const [[exit, signal], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null, string | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { exit, signal, stdout, stderr, outputs: await readFile(outputs, 'utf8') };
  }

  return { workspace, home, inputs, uploads, run, remove: () => rm(root, { recursive: true, force: true }) };
}
