import { z } from 'zod';

export const FakeCall = z.enum([
  'launch',
  'list',
  'stop',
  'remove',
  'console',
  'inspect',
  'reset',
  'reboot',
  'capture',
  'find-image',
  'remove-image',
  'list-images',
  'export-image',
  'import-image',
]);
export type FakeCall = z.infer<typeof FakeCall>;

export const FakeEdge = z.enum(['before', 'after']);
export type FakeEdge = z.infer<typeof FakeEdge>;

/**
 * What a rule does at its edge of a call, `before` it has an effect or `after`:
 *
 * - `pause` until the test says go on (or kills the controller there); `sleep` for `ms`; `hang` until the caller gives up;
 * - `refuse`, `abort`, `unavailable`: throw `cloud-refused`, `cloud-aborted`, `cloud-unavailable`;
 * - `lose-answer`: the call has its effect, and its caller hears of an error;
 * - `vanish`: the node's resource is gone and its agent killed, as when somebody removed it by hand;
 * - `hide`: the node's resource is missing in the next so many `listings`.
 */
export const FakeAction = z.enum([
  'pause',
  'sleep',
  'hang',
  'refuse',
  'abort',
  'unavailable',
  'lose-answer',
  'vanish',
  'hide',
]);
export type FakeAction = z.infer<typeof FakeAction>;

export const FakeRule = z.strictObject({
  /** Rules with the same name share their `times`; without a name it is the position in the script. */
  name: z.string().optional(),
  on: FakeCall,
  /** `after` for `lose-answer`, `vanish` and `hide`, else `before`, unless given. */
  at: FakeEdge.optional(),
  do: FakeAction,
  /** Only for nodes of templates with this variant, or only for this node; for all without. */
  variant: z.string().optional(),
  node: z.string().optional(),
  /** Only for this static host: its resets, and launches on it. */
  host: z.string().optional(),
  /** Only for this captured image: calls about it, and launches from it. */
  image: z.string().optional(),
  /** How often the rule acts in the world's life, over all controllers; always without. */
  times: z.int().min(1).optional(),
  ms: z.int().min(0).default(100),
  listings: z.int().min(1).default(1),
});
export type FakeRule = z.infer<typeof FakeRule>;

/** All rules that fit act, in their order, until one throws. */
export const FakeScript = z.array(FakeRule);

/** A rule as one writes it. */
export type FakeRuleInput = z.input<typeof FakeRule>;

export function edgeOf(rule: FakeRule): FakeEdge {
  if (rule.at !== undefined) return rule.at;
  return rule.do === 'lose-answer' || rule.do === 'vanish' || rule.do === 'hide' ? 'after' : 'before';
}
