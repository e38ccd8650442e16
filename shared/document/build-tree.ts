import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Finding } from './finding.ts';
import { MAX_DEPTH, MAX_NODES } from './limits.ts';
import type { Place } from './place.ts';
import type { Position } from './problem.ts';
import { readKey } from './read-key.ts';

type Nothing = null | undefined;
type Children = Map<string | number, Place>;
const CORE_TAGS = 'tag:yaml.org,2002:';
const NO_CHILDREN: Children = new Map();

/**
 * The document's values with their places, aliases replaced by what they name. What can't be taken is left out and
 * reported. None when a limit is passed: then nothing but that is worth saying.
 */
export function buildTree(
  contents: ParsedNode,
  positionAt: (offset: number) => Position,
  findings: Finding[],
): Place | undefined {
  const anchors = new Map<string, ParsedNode>();
  const open = new Set<ParsedNode>();
  let count = 0;
  let insideAlias = 0;
  let exceeded = false;

  const root = build(contents, 0, 0);
  return exceeded ? undefined : root;

  function build(node: ParsedNode | Nothing, at: number, depth: number): Place {
    if (node === null || node === undefined)
      return { value: null, start: at, end: at, children: NO_CHILDREN };
    const [start, end] = node.range;
    const nothing = { value: null, start, end, children: NO_CHILDREN };
    count += 1;
    if (exceeded) return nothing;
    if (count > MAX_NODES)
      return refuse(nothing, `the file holds more than ${MAX_NODES} values up to here`, 'use fewer aliases');
    if (depth > MAX_DEPTH)
      return refuse(nothing, `mappings and lists are nested deeper than ${MAX_DEPTH} levels`);
    if (isAlias(node)) return buildAlias(node, nothing, depth);
    // Seen again through an alias, an old anchor must not take its name back from a newer one.
    if (node.anchor !== undefined && insideAlias === 0) anchors.set(node.anchor, node);
    if (isScalar(node)) return buildScalar(node, nothing, findings);
    open.add(node);
    const place = isMap(node) ? buildMap(node, nothing, depth) : buildList(node, nothing, depth);
    open.delete(node);
    return place;
  }

  function refuse(place: Place, message: string, hint?: string): Place {
    exceeded = true;
    findings.push({ offset: place.start, end: place.start, code: 'limit', message, hint });
    return place;
  }

  function buildAlias(alias: Alias.Parsed, nothing: Place, depth: number): Place {
    // The parser has reported it.
    if (alias.source === '') return { ...nothing, unread: true };
    const target = anchors.get(alias.source);
    if (target === undefined || open.has(target)) {
      const message =
        target === undefined
          ? `no anchor &${alias.source} stands before this alias`
          : `the alias *${alias.source} stands inside what it names`;
      findings.push({
        offset: nothing.start,
        end: nothing.end,
        code: 'syntax',
        message,
        hint: target === undefined ? 'put a text that begins with "*" in quotes' : undefined,
      });
      return { ...nothing, unread: true };
    }
    insideAlias += 1;
    const { scalar: _, ...place } = build(target, nothing.start, depth + 1);
    insideAlias -= 1;
    return { ...place, start: nothing.start, end: nothing.end };
  }

  function buildMap(node: YAMLMap.Parsed, nothing: Place, depth: number): Place {
    const children: Children = new Map();
    for (const pair of node.items) {
      const [start, end] = pair.key.range;
      // Read even under a key that can't be taken: an anchor in it may be used further down.
      const place = { ...build(pair.value, end, depth + 1), key: { start, end } };
      const key = readKey(pair.key, children, positionAt, findings);
      if (key !== undefined) children.set(key, place);
    }
    const value = Object.fromEntries([...children].map(([key, child]) => [key, child.value]));
    return { ...nothing, value, children };
  }

  function buildList(node: YAMLSeq.Parsed, nothing: Place, depth: number): Place {
    const places = node.items.map((item) => build(item, nothing.start, depth + 1));
    return { ...nothing, value: places.map(({ value }) => value), children: new Map(places.entries()) };
  }
}

function buildScalar(node: Scalar.Parsed, nothing: Place, findings: Finding[]): Place {
  const place = { ...nothing, value: node.value, text: node.source, scalar: node };
  if (node.tag === '!') {
    // To YAML it means "text", so that `runs-on: ! arm` would silently lose its negation.
    const message = "a text can't begin with !";
    findings.push({ offset: place.start, end: place.end, code: 'syntax', message, hint: 'put it in quotes' });
  }
  // Any other unknown tag was reported by the parser.
  const hasUnknownTag = node.tag !== undefined && !node.tag.startsWith(CORE_TAGS);
  return hasUnknownTag ? { ...place, unread: true } : place;
}
