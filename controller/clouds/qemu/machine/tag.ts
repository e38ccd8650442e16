/** Whose machine a QEMU process is. It stands in its command line, where every life of the controller finds it again. */
export interface MachineTag {
  controller: string;
  cloud: string;
  node: string;
}

const NAME = /^footman:([^:]+):([^:]+):([a-z0-9-]{1,64})$/;

/** Free of colons, and of the commas that QEMU takes apart. */
export function nameOf({ controller, cloud, node }: MachineTag): string {
  return `footman:${encodeURIComponent(controller)}:${encodeURIComponent(cloud)}:${node}`;
}

/** The tag in the command line of a process, or undefined where it has none. */
export function tagIn(words: readonly string[]): MachineTag | undefined {
  const at = words.indexOf('-name');
  const [, controller, cloud, node] = NAME.exec(words[at + 1] ?? '') ?? [];
  if (at === -1 || controller === undefined || cloud === undefined || node === undefined) return undefined;
  return { controller: decodeURIComponent(controller), cloud: decodeURIComponent(cloud), node };
}
