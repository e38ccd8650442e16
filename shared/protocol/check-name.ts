/** What is looked at on a node, as settings and `check.start` have it. */
interface Targets {
  dns: readonly string[];
  reach: readonly string[];
  script: string | null;
}

const MAX_NAME_LENGTH = 256;

/** The name under which `check.finished` tells of one thing that was looked at. */
export function checkName(kind: 'dns' | 'reach', target: string): string {
  return `${kind} ${target}`.slice(0, MAX_NAME_LENGTH);
}

/** The results that an honest answer has, each once, in this order. */
export function checkNames({ dns, reach, script }: Targets): string[] {
  const network = [
    ...dns.map((name) => checkName('dns', name)),
    ...reach.map((target) => checkName('reach', target)),
  ];
  return script === null ? network : [...network, SCRIPT_CHECK];
}

export const SCRIPT_CHECK = 'script';
