import type { Facts } from '#shared/protocol';

/** What a node tells of itself that may become labels of it. They are its own words: good for finding a node, never for trust. */
export const LABEL_FACTS = ['os', 'arch', 'cpus', 'memory', 'disk', 'virtualization'] as const;
export type LabelFact = (typeof LABEL_FACTS)[number];

interface Rule {
  labels(facts: Facts): readonly string[];
  /** Whether some node may have the label by this fact. */
  mayHave: RegExp;
}

const GIB = 1024 ** 3;

const RULES: Readonly<Record<LabelFact, Rule>> = {
  /** `debian` and `debian-12`: the ID of os-release(5), alone and with the version. */
  os: {
    labels: ({ osId, osVersion }) =>
      osId === null ? [] : [osId, ...(osVersion === null ? [] : [`${osId}-${osVersion}`])],
    mayHave: /^[a-z0-9][a-z0-9._-]{0,127}$/,
  },
  /** `x64`: as Node.js calls it. */
  arch: {
    labels: ({ architecture }) => [architecture],
    mayHave: /^(x64|arm64|arm|ia32|loong64|mips|mipsel|ppc64|riscv64|s390x)$/,
  },
  cpus: { labels: ({ cpus }) => [`cpus-${cpus}`], mayHave: /^cpus-\d+$/ },
  memory: { labels: ({ memoryBytes }) => gibibytes('memory', memoryBytes), mayHave: /^memory-\d+g$/ },
  disk: { labels: ({ diskBytes }) => gibibytes('disk', diskBytes), mayHave: /^disk-\d+g$/ },
  virtualization: {
    labels: ({ virtualization: kind }) => {
      if (kind === null) return [];
      return [kind === 'none' ? 'bare-metal' : kind];
    },
    mayHave:
      /^(docker|podman|lxc|container|qemu|kvm|vmware|virtualbox|hyperv|xen|parallels|bhyve|apple|amazon|vm|bare-metal)$/,
  },
};

/** The labels that a node has by these of its facts; what it does not know of itself makes none. */
export function factLabels(facts: Facts, which: readonly LabelFact[]): string[] {
  return which.flatMap((fact) => RULES[fact].labels(facts));
}

/** Whether a node may turn out to have the label by one of these facts. */
export function mayBeFactLabel(label: string, which: readonly LabelFact[]): boolean {
  return which.some((fact) => RULES[fact].mayHave.test(label));
}

/** Rounded down: a node never promises more than it has. */
function gibibytes(what: string, bytes: number): string[] {
  const whole = Math.floor(bytes / GIB);
  return whole === 0 ? [] : [`${what}-${whole}g`];
}
