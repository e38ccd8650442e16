import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { POLICY_WORDS, policiesOf, type Policy } from '#simulator/policies';

export const USAGE = `npm run simulate -- [options]
  --trace FILE     arrivals, one a line (default: openstack/nova, early 2015)
  --model FILE     jobs and clouds (default: simulator/models/default.yaml)
  --policy WORDS   one or several of: ${POLICY_WORDS} (default: all)
  --seed N         another seed is another world (default: 1)
  --days N         only the first days of the trace
  --repeat N       the trace so many times, one after the other
  --json           figures as JSON
`;

export interface Options {
  trace: string;
  model: string;
  policies: readonly Policy[];
  seed: number;
  /** Of the trace; null is all. */
  days: number | null;
  repeat: number;
  json: boolean;
}

const TRACE = fileURLToPath(new URL('traces/openstack-nova-2015q1.csv', import.meta.url));
const MODEL = fileURLToPath(new URL('models/default.yaml', import.meta.url));

/** @throws Error with a sentence for whoever typed it. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      trace: { type: 'string', default: TRACE },
      model: { type: 'string', default: MODEL },
      policy: { type: 'string', default: 'all' },
      seed: { type: 'string', default: '1' },
      days: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const policies = policiesOf(values.policy);
  if (policies === undefined)
    throw new Error(`there is no policy ${values.policy}; there are ${POLICY_WORDS}, separated by commas`);
  return {
    trace: values.trace,
    model: values.model,
    policies,
    seed: wholeNumber('seed', values.seed, 0),
    days: values.days === undefined ? null : wholeNumber('days', values.days, 1),
    repeat: wholeNumber('repeat', values.repeat, 1),
    json: values.json,
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= least) return value;
  throw new Error(`--${option} takes a whole number from ${least} on, not ${JSON.stringify(text)}`);
}
