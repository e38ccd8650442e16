import { userInfo } from 'node:os';
import { delimiter } from 'node:path';
import { createTextMask } from '#shared/masking';
import { BOOT_VARIABLE, type Folders } from '../system/index.ts';
import type { StepFiles } from './step-files.ts';
import type { StepResults } from './step-results.ts';

export type Environment = Record<string, string>;

/** What steps hand on to later steps. */
export interface Exports {
  values: Environment;
  /** Folders to find programs in first, the latest first. */
  path: string[];
  /** Which of these texts have a secret of the job in them, in whatever form. */
  secret: string[];
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * What every step starts from: the node's own environment, as its image or template has it. The agent's runtime needs no variable, so
 * there is none to take out but the one that a cloud tells the agent alone. `home` is for a user who has none.
 */
export function baseEnvironment(own: NodeJS.ProcessEnv, home: string): Environment {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== BOOT_VARIABLE,
  );
  const base = Object.fromEntries(kept);
  return { ...base, PATH: base.PATH || DEFAULT_PATH, HOME: base.HOME || (homeOfUser() ?? home) };
}

/** The step's own variables win over what earlier steps exported; Footman's win over both. */
export function stepEnvironment(
  base: Environment,
  exports: Exports,
  env: Environment,
  files: Omit<StepFiles, 'script' | 'remove'>,
  { workspace, uploads }: Pick<Folders, 'workspace' | 'uploads'>,
): Environment {
  const given = { ...base, ...exports.values, ...env };
  return {
    ...given,
    PATH: [...exports.path, given.PATH].join(delimiter),
    CI: env.CI ?? 'true',
    FOOTMAN: 'true',
    FOOTMAN_WORKSPACE: workspace,
    FOOTMAN_OUTPUT: files.outputs,
    FOOTMAN_ENV: files.environment,
    FOOTMAN_PATH: files.path,
    FOOTMAN_INPUTS: files.inputs,
    FOOTMAN_UPLOADS: uploads,
  };
}

/** What later steps get, after one more step, which knew these secrets. */
export function addExports(
  exports: Exports,
  { environment, path }: Pick<StepResults, 'environment' | 'path'>,
  secrets: readonly string[],
): Exports {
  const mask = createTextMask(secrets);
  const secret = [...Object.values(environment), ...path].filter((text) => mask(text) !== text);
  return {
    values: { ...exports.values, ...environment },
    path: [...path, ...exports.path],
    secret: [...new Set([...exports.secret, ...secret])],
  };
}

/** What of them knows nothing of a secret. */
export function withoutSecrets({ values, path, secret }: Exports): Exports {
  const isClean = (text: string) => !secret.includes(text);
  return {
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => isClean(value))),
    path: path.filter(isClean),
    secret: [],
  };
}

/** From the user database; undefined for a user who is not in it, as in a container with a number for a user. */
function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}
