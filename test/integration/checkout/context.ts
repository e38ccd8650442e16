import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { checkoutScript } from '#controller/checkout';
import type { BuildSource } from '#controller/store';
import type { Checkout } from '#shared/pipeline';
import { makeRepository, type Repository } from '#test/git-repository';
import { makeScriptNode, type ScriptNode } from '#test/step-script';

/** A node, and a folder that servers serve with one repository in it; fresh for each test. */
export interface Context {
  node: ScriptNode;
  /** Of the servers. */
  folder: string;
  repository: Repository;
  /** Commits of `main`, in their order. */
  commits: string[];
  checkOut(checkout: Partial<Checkout>, options?: CheckOutOptions): ReturnType<ScriptNode['run']>;
  /** What a file of the workspace says. */
  read(path: string): Promise<string>;
}

interface CheckOutOptions {
  source?: BuildSource;
  remote?: string;
  shell?: readonly string[];
  env?: Record<string, string>;
  inputs?: Record<string, Buffer>;
  started?(group: number): void;
}

/** No pause between two tries. */
const AT_ONCE = { CHECKOUT_BACKOFF: '0 0' };

export function useCheckout(): Context {
  const context = {} as Context;

  beforeEach(async () => {
    context.node = await makeScriptNode();
    context.folder = await mkdtemp(join(tmpdir(), 'footman-git-'));
    context.repository = await makeRepository(join(context.folder, 'work', 'repo'));
    context.commits = [
      await context.repository.commit({ 'a.txt': 'one\n' }, 'First'),
      await context.repository.commit({ 'a.txt': 'two\n' }, 'Second'),
    ];
  });

  afterEach(async () => {
    await context.node.remove();
    await rm(context.folder, { recursive: true, force: true });
  });

  context.checkOut = (checkout, { source, remote, env, ...options } = {}) => {
    const { script, env: values } = checkoutScript(
      { submodules: false, lfs: false, ...checkout },
      source ?? null,
      remote ?? null,
    );
    return context.node.run({ script, env: { ...values, ...AT_ONCE, ...env } }, options);
  };
  context.read = (path) => readFile(join(context.node.workspace, path), 'utf8');
  return context;
}

/** Nothing of the text lies on the node: not in its workspace, its home, or beside its inputs. */
export async function expectNothingLeft(node: ScriptNode, ...texts: string[]): Promise<void> {
  for (const root of [node.workspace, node.home, node.inputs]) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(join(entry.parentPath, entry.name), 'latin1');
      for (const text of texts)
        expect(content.includes(text), `${entry.parentPath}/${entry.name}`).toBe(false);
    }
  }
}
