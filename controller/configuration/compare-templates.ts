import { templateDocument, type TemplateConfiguration } from '#controller/config';
import { formatLabels } from '#shared/labels';
import { toChange, type Change } from './change.ts';
import { differences } from './differences.ts';
import { orderChange } from './order.ts';
import { sentenceOf } from './sentence.ts';

const NOW = { takes: 'now', why: null } as const;

/** A template's settings hold for the nodes that come: all of it changes while the controller runs. */
export function compareTemplates(
  cloud: string,
  running: readonly TemplateConfiguration[],
  next: readonly TemplateConfiguration[],
): Change[] {
  const path = ['clouds', cloud, 'templates'];
  const before = new Map(running.map((template) => [template.name, template]));
  const after = new Map(next.map((template) => [template.name, template]));
  const gone = running.filter(({ name }) => !after.has(name));
  return [
    ...gone.map(({ name }) => whole([...path, name], 'removed', `template ${cloud}/${name} is removed`)),
    ...next.flatMap((template) => {
      const { name, labels } = template;
      const old = before.get(name);
      if (old === undefined) {
        const sentence = `template ${cloud}/${name} is added (${formatLabels(labels)})`;
        return [whole([...path, name], 'added', sentence)];
      }
      return differences(templateDocument(old), templateDocument(template), [...path, name]).map(
        (difference) =>
          toChange(difference, {
            ...NOW,
            sentence: sentenceOf(difference, `template ${cloud}/${name}`, 4),
          }),
      );
    }),
    ...orderChange(path, `templates of ${cloud}`, [...before.keys()], [...after.keys()]),
  ];
}

function whole(path: string[], kind: Change['kind'], sentence: string): Change {
  return { path, kind, from: null, to: null, sentence, ...NOW };
}
