/** What a template is known by; a `Template` is one, and so is what a node's row says of its own. */
export interface TemplateId {
  cloud: string;
  name: string;
}

/** For maps. */
export function templateKey({ cloud, name }: TemplateId): string {
  return JSON.stringify([cloud, name]);
}
