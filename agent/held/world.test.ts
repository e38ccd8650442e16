import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HoldBegin } from '#shared/protocol';
import type { Legacy } from '../steps/index.ts';
import { loadLibc, makeFolders, type Folders } from '../system/index.ts';
import { createWorld, type World } from './world.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin';
const HOLD = '0h0ld';

let root: string;
let folders: Folders;
let legacy: Legacy;
let world: World;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "footman-it's a world-"));
  folders = makeFolders(root);
  legacy = { base: { PATH, HOME: root }, exports: { values: {}, path: [], secret: [] } };
  world = startAgent();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** As after each boot of the machine. */
function startAgent(): World {
  return createWorld({ folders, libc: loadLibc(), steps: { legacy: () => legacy } });
}

function order(step: Partial<HoldBegin['step'] & object> = {}, more: Partial<HoldBegin> = {}): HoldBegin {
  const whole = { name: 'tests', shell: 'sh' as const, script: 'exit 3', env: {}, ...step };
  return {
    type: 'hold.begin',
    hold: HOLD,
    graceMs: 0,
    banner: 'Held.',
    step: whole,
    hasDenied: false,
    ...more,
  };
}

interface Ran {
  code: number | string;
  out: string;
}

/** As somebody does in a shell of the hold, or in one that knows nothing of it. */
async function rerun(env: Record<string, string | undefined>, ...args: string[]): Promise<Ran> {
  try {
    const file = join(root, 'held/bin/footman-rerun');
    const { stdout } = await promisify(execFile)(file, args, { env, cwd: '/' });
    return { code: 0, out: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number | string; stdout: string };
    return { code, out: stdout };
  }
}

describe('footman-rerun', () => {
  test('is the first that a shell finds, and ends as the step ends', async () => {
    expect(world.begin(order({ script: 'exit 3' }))).toBeUndefined();
    expect(world.environment().PATH?.split(':')[0]).toBe(join(root, 'held/bin'));
    const { environment } = world;
    const sh = promisify(execFile)('/bin/sh', ['-c', 'footman-rerun; echo $?'], { env: environment() });
    expect((await sh).stdout).toBe('3\n');
  });

  test('stops where the step’s own shell does, in its folder, and hands arguments on', async () => {
    mkdirSync(join(folders.workspace, 'deep folder'));
    world.begin(
      order({
        shell: 'bash',
        workingDirectory: 'deep folder',
        script: 'pwd; echo "$#" "$2"; false | true; echo no',
      }),
    );
    expect(await rerun(world.environment(), 'one', 'two words')).toEqual({
      code: 1,
      out: `${folders.workspace}/deep folder\n2 two words\n`,
    });
  });

  test('sees what the shell has set, and without such a shell what the step saw', async () => {
    const value = `it's "$HOME" \`id\`\n\\n é`;
    world.begin(order({ env: { VALUE: value }, script: 'printf "%s|%s" "$DEBUG" "$VALUE"' }));
    expect((await rerun({ ...world.environment(), DEBUG: '1', VALUE: 'mine' })).out).toBe('1|mine');
    expect((await rerun({ PATH: '/nowhere', DEBUG: '2' })).out).toBe(`2|${value}`);
  });

  test('finds its results’ files, and what earlier steps exported', async () => {
    legacy.exports = { values: { A: 'exported', B: 'exported' }, path: ['/opt/tool'], secret: [] };
    world.begin(
      order({
        env: { B: 'own' },
        script:
          'echo x=1 >>"$FOOTMAN_OUTPUT"; echo y=1 >>"$FOOTMAN_ENV"; ls "$FOOTMAN_INPUTS"; echo $A $B $PATH',
      }),
    );
    const { code, out } = await rerun({});
    expect(code).toBe(0);
    expect(out).toBe(`exported own ${root}/held/bin:/opt/tool:${PATH}\n`);
  });

  test('does not fail where the node’s environment has names that no shell may set', async () => {
    legacy.base = { ...legacy.base, 'odd.name': 'x', 'BASH_FUNC_f%%': '() { :; }', UID: '7', PPID: '1' };
    world.begin(order({ script: 'echo fine' }));
    expect((await rerun({})).out).toBe('fine\n');
  });

  test('is not there for a hold without a step', () => {
    world.begin(order());
    world.begin(order({}, { step: null }));
    expect(existsSync(join(root, 'held/bin/footman-rerun'))).toBe(false);
    expect(world.environment().FOOTMAN_HOLD).toBe(HOLD);
  });

  test('where the image lacks the step’s shell, that is told, and shells have their world all the same', () => {
    expect(world.begin(order({ shell: ['no-such-shell', '{0}'], env: { A: '1' } }))).toContain(
      'no-such-shell',
    );
    expect(world.environment().A).toBe('1');
  });
});

describe('said again', () => {
  test('a script that people have changed stays, whichever boot the agent is of', async () => {
    world.begin(order({ script: 'echo theirs' }));
    writeFileSync(join(root, 'held/step'), 'echo mine');
    world.begin(order({ script: 'echo theirs' }, { banner: 'Held for longer.' }));
    expect(world.banner()).toBe('Held for longer.');
    expect((await rerun({})).out).toBe('mine\n');
    startAgent().begin(order({ script: 'echo theirs' }));
    expect((await rerun({})).out).toBe('mine\n');
    expect(readFileSync(join(root, 'held/step.original'), 'utf8')).toBe('echo theirs');
  });

  test('another script takes its place', async () => {
    world.begin(order({ script: 'echo one' }));
    writeFileSync(join(root, 'held/step'), 'echo mine');
    world.begin(order({ script: 'echo two' }));
    expect((await rerun({})).out).toBe('two\n');
  });

  test('what steps exported is there for the agent of the next boot', () => {
    legacy.exports = { values: { A: '1' }, path: ['/opt'], secret: [] };
    world.begin(order());
    expect(JSON.parse(readFileSync(join(root, 'exports.json'), 'utf8'))).toEqual(legacy.exports);
  });
});

describe('secrets that must not stay', () => {
  const SECRET = 'key=battery';

  test('take exported values and folders with them, and stay away from the agent of the next boot', () => {
    legacy.exports = {
      values: { TOKEN: SECRET, FINE: 'horse' },
      path: ['/opt/battery/bin', '/opt/bin'],
      secret: [SECRET, '/opt/battery/bin'],
    };
    world.begin(order({}, { hasDenied: true }));
    const { environment } = world;
    expect(environment()).toMatchObject({ FINE: 'horse', PATH: `${root}/held/bin:/opt/bin:${PATH}` });
    expect(environment()).not.toHaveProperty('TOKEN');
    for (const file of ['exports.json', 'held/environment.sh'])
      expect(readFileSync(join(root, file), 'utf8')).not.toContain('battery');
  });

  test('are none where all may stay: what was exported is there', () => {
    legacy.exports = { values: { TOKEN: SECRET }, path: [], secret: [SECRET] };
    world.begin(order());
    expect(world.environment().TOKEN).toBe(SECRET);
  });

  test('end what steps left running, once, and nothing that people run later', () => {
    expect(leftRunning(true)).toEqual([false, true]);
  });

  test('and where there are none, nothing is ended', () => {
    expect(leftRunning(false)).toEqual([true, true]);
  });
});

/**
 * Whether what runs in the background goes on over `hold.begin`, the first time and when it is said again. In a process of its own, since all that
 * descends from it is ended.
 */
function leftRunning(hasDenied: boolean): boolean[] {
  const script = `
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    import { createWorld } from '${import.meta.dirname}/world.ts';
    import { loadLibc, makeFolders } from '${import.meta.dirname}/../system/index.ts';
    const libc = loadLibc();
    libc.adoptOrphans();
    const legacy = { base: {}, exports: { values: {}, path: [], secret: [] } };
    const folders = makeFolders(${JSON.stringify(root)});
    const world = createWorld({ folders, libc, steps: { legacy: () => legacy } });
    const left = [await runsOn(), await runsOn()];
    console.log(JSON.stringify(left));
    process.exit();

    // Who has a SIGKILL coming says nothing any more.
    async function runsOn() {
      const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'];
      const parent = spawn('/bin/sh', ['-c', 'cat <&3 >&4 &'], { stdio });
      await once(parent, 'exit');
      world.begin(${JSON.stringify(order({}, { hasDenied }))});
      const [, , , input, output] = parent.stdio;
      input.on('error', () => undefined);
      input.write('x');
      return Promise.race([once(output, 'data').then(() => true), once(output, 'end').then(() => false)]);
    }`;
  const node = ['--no-warnings', '--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, node, { encoding: 'utf8' })) as boolean[];
}

describe('in a place that a step has prepared', () => {
  test('nobody else may read the world’s files, and what stood in their place is gone', () => {
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(root, 'held'));
    expect(world.begin(order())).toBeUndefined();
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(statSync(join(root, 'held')).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'held/environment.sh')).mode & 0o777).toBe(0o600);
  });

  test('shells start in the nearest folder that is left', () => {
    mkdirSync(join(folders.workspace, 'in'));
    world.begin(order({ workingDirectory: 'in' }));
    expect(world.folder()).toBe(join(folders.workspace, 'in'));
    rmSync(join(folders.workspace, 'in'), { recursive: true });
    expect(world.folder()).toBe(folders.workspace);
    rmSync(folders.workspace, { recursive: true });
    writeFileSync(folders.workspace, '');
    expect(world.folder()).toBe(root);
  });

  test('what can’t be written is told, and shells have their world all the same', () => {
    mkdirSync(join(root, 'held/environment.sh/full'), { recursive: true });
    expect(world.begin(order({ env: { A: '1' } }))).toContain('environment.sh');
    expect(world.environment()).toMatchObject({ A: '1', FOOTMAN_WORKSPACE: folders.workspace });
  });
});
