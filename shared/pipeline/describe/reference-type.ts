import type { z } from 'zod';

/** A JSON schema that zod made, as far as the reference tells it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

interface Inner {
  /** How it is reached from the key: `[]` for the items of a list, `.JOB` for the values of a mapping. */
  suffix: string;
  schema: JsonSchema;
}

/** The mappings with keys of their own that a value may be or hold. */
export function objectsIn(part: unknown, key: string): Inner[] {
  if (typeof part !== 'object' || part === null) return [];
  const schema = asSchema(part);
  if (schema.properties !== undefined) return [{ suffix: '', schema }];
  const { items, additionalProperties: values } = schema;
  return [
    ...(schema.anyOf ?? []).flatMap((option) => objectsIn(option, key)),
    ...prefixed('[]', objectsIn(items, key)),
    ...prefixed(`.${placeholder(key)}`, objectsIn(values, key)),
  ];
}

function prefixed(prefix: string, inner: Inner[]): Inner[] {
  return inner.map(({ suffix, schema }) => ({ suffix: prefix + suffix, schema }));
}

/** `JOB` for a key of `jobs`. */
function placeholder(key: string): string {
  return key.replace(/s$/, '').toUpperCase();
}

/** The kinds of values that are taken, in words. */
export function typeOf(schema: JsonSchema): string {
  if (schema.anyOf !== undefined)
    return [...new Set(schema.anyOf.map((option) => typeOf(asSchema(option))))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  switch (schema.type) {
    case 'string':
      return textType(schema);
    case 'integer':
      return `whole number${rangeOf(schema)}`;
    case 'number':
      return 'number';
    case 'boolean':
      return 'true/false';
    case 'null':
      return 'nothing';
    case 'array':
      return `list of ${typeOfItems(asSchema(schema.items))}`;
    case 'object':
      return schema.properties === undefined && isPlain(asSchema(schema.additionalProperties))
        ? `mapping to ${typeOf(asSchema(schema.additionalProperties))}`
        : 'mapping';
    case undefined:
      break;
  }
  return 'anything';
}

function typeOfItems(items: JsonSchema): string {
  if (items.type === 'object') return 'mappings';
  return items.anyOf === undefined ? typeOf(items) : `(${typeOf(items)})`;
}

function textType({ pattern }: JsonSchema): string {
  if (pattern?.includes('(\\d+ms)?') === true) return 'duration';
  if (pattern?.startsWith('^\\s*\\$') === true) return 'expression';
  return pattern === '\\$\\{\\{' ? 'text with expressions' : 'text';
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  return minimum === undefined || maximum === undefined
    ? ''
    : ` (${minimum} to ${maximum.toLocaleString('en')})`;
}

function isPlain(schema: JsonSchema): boolean {
  return (
    schema.properties === undefined &&
    (schema.anyOf?.every((option) => isPlain(asSchema(option))) ?? schema.type !== undefined)
  );
}

export function defaultOf({ default: value }: JsonSchema): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** Whether text can stand there, or in the lists and mappings there. */
export function mayHoldText(schema: JsonSchema): boolean {
  if (schema.enum !== undefined || schema.const !== undefined) return false;
  if (schema.type === 'string') return true;
  const { items, additionalProperties: values } = schema;
  const inner = [...(schema.anyOf ?? []), items, values, ...Object.values(schema.properties ?? {})];
  return inner.some((part) => part !== undefined && mayHoldText(asSchema(part)));
}

/** What JSON schema also allows, `true` for anything, and lists for tuples, says nothing here. */
export function asSchema(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
