import { NODE_VARIABLE } from './node-processes.ts';

/** The controller's other variables may be secrets. Proxies are left out too: their URLs hold passwords; a template can name them. */
const KEPT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ'];

/** An agent's whole environment. */
export function cleanEnvironment(node: string, extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = KEPT.filter((name) => process.env[name] !== undefined).map((name) => [
    name,
    process.env[name],
  ]);
  return { ...Object.fromEntries(kept), ...extra, [NODE_VARIABLE]: node };
}
