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
    ...optionsOf(schema).flatMap((option) => objectsIn(option, key)),
    ...prefixed('[]', objectsIn(items, key)),
    ...prefixed(`.${placeholder(key)}`, objectsIn(values, key)),
  ];
}

function prefixed(prefix: string, inner: Inner[]): Inner[] {
  return inner.map(({ suffix, schema }) => ({ suffix: prefix + suffix, schema }));
}

/** `JOB` for a key of `jobs`. */
function placeholder(key: string): string {
  return key.replace(/ies$/, 'y').replace(/s$/, '').toUpperCase();
}

/** Of a union, be its options told apart by a key or not. What has a type of its own is none, and `oneOf` only adds rules to it. */
function optionsOf({ type, anyOf = [], oneOf = [] }: JsonSchema): NonNullable<JsonSchema['anyOf']> {
  return type === undefined ? [...anyOf, ...oneOf] : anyOf;
}

/** Text such as `2GiB`, or a number of bytes. */
function isSize(schema: JsonSchema): boolean {
  return optionsOf(schema).some((option) => asSchema(option).pattern?.includes('KiB') === true);
}

/** The kinds of values that are taken, in words. */
export function typeOf(schema: JsonSchema): string {
  if (isSize(schema)) return 'size';
  const options = optionsOf(schema);
  if (options.length > 0) return [...new Set(options.map((option) => typeOf(asSchema(option))))].join(' or ');
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
  // That of all whole numbers is no limit of anybody's.
  return minimum === undefined || maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
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
