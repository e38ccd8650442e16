/** What a template is known by; a `Template` is one, and so is what a node's row says of its own. */
export interface TemplateId {
  cloud: string;
  name: string;
}

/** For maps, and asked for each node in each plan. No name has a slash in it. */
export function templateKey({ cloud, name }: TemplateId): string {
  return `${cloud}/${name}`;
}

/**
 * What the start of a node tells something about: its template, or, where it was made for one version of an image, that version on that
 * template. A version that does not come up says nothing of the nodes that everybody gets.
 */
export function subjectOf({ cloud, name }: TemplateId, pin: string | null): TemplateId {
  // No name of a template has an @ in it.
  return pin === null ? { cloud, name } : { cloud, name: `${name}@${pin}` };
}

/** Whether the key is that of a subject that is this version. */
export function isOfVersion(key: string, versionId: string): boolean {
  return key.endsWith(`@${versionId}`);
}
