/** What a template is known by; a `Template` is one, and so is what a node's row says of its own. */
export interface TemplateId {
  cloud: string;
  name: string;
}

/** For maps, and asked for each node in each plan. No name has a slash in it. */
export function templateKey({ cloud, name }: TemplateId): string {
  return `${cloud}/${name}`;
}
