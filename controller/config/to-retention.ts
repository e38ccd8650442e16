import type { KeepBuilds, RetentionSettings } from './retention-settings.ts';
import type { ConfigurationDocument } from './schema.ts';

type Document = ConfigurationDocument['retention'];

export function toRetention(document: Document): RetentionSettings {
  return {
    builds: toKeep(document),
    rules: document.rules.map((rule) => ({
      branches: toList(rule.branches),
      projects: toList(rule.projects ?? []),
      ...toKeep(rule),
    })),
    artifacts: document.artifacts ?? null,
    bytes: document.bytes ?? null,
    interval: document.interval,
  };
}

function toKeep({
  age,
  'at-least': atLeast,
  'at-most': atMost,
}: Pick<Document, 'age' | 'at-least' | 'at-most'>): KeepBuilds {
  return { age: age ?? null, atLeast, atMost: atMost ?? null };
}

function toList(names: string | string[]): string[] {
  return typeof names === 'string' ? [names] : names;
}
