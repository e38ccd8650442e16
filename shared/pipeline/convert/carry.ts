import type { Carrier } from './carrier.ts';
import type { Concurrency } from '../pipeline.ts';
import type { Env, Template } from '../template.ts';

/** Parts of a job taken through a carrier. */

export function carryText<T>(carrier: Carrier, key: string, value: T | Template): T | Template {
  return typeof value === 'string' ? carrier.text(key, value) : value;
}

export function carryValue<T>(carrier: Carrier, key: string, value: T | Template): T | Template {
  return typeof value === 'string' ? carrier.value(key, value) : value;
}

export function carryEnv(carrier: Carrier, env: Env): Env {
  const texts = Object.entries(env).map(([name, text]) => [name, carrier.text(`env.${name}`, text)] as const);
  return Object.fromEntries(texts);
}

export function carryConcurrency(carrier: Carrier, concurrency: Concurrency): Concurrency {
  return {
    ...concurrency,
    group: carrier.text('concurrency.group', concurrency.group),
    cancelInProgress: carryValue(carrier, 'concurrency.cancel', concurrency.cancelInProgress),
  };
}
