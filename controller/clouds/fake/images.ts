import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { FootmanError } from '#shared/errors';
import type { CapturedImage, CloudImages, NodeReference } from '../contract.ts';
import { digestOf, type FakeCapture } from './captures.ts';
import type { Edges, Subject } from './edges.ts';
import type { FakeWorld } from './world.ts';

interface Dependencies {
  world: FakeWorld;
  controller: string;
  edges: Edges;
  subjectOf(node: NodeReference): Promise<Subject>;
  /** Ends what runs on the node. */
  halt(node: NodeReference, signal: AbortSignal): Promise<void>;
}

const NAME = /^[A-Za-z0-9][\w.-]{0,127}$/;
/** What an exported image is. */
const ExportedFile = z.strictObject({ kind: z.literal('footman-fake-image'), content: z.string() });

/** An image is the text that was on the node's disk. */
export function createFakeImages({ world, controller, edges, subjectOf, halt }: Dependencies): CloudImages {
  const { captures } = world;
  return { capture, find, remove, list, export: exportImage, import: importImage };

  async function capture(node: NodeReference, name: string, signal: AbortSignal): Promise<CapturedImage> {
    const subject = { ...(await subjectOf(node)), image: checked(name) };
    await edges.before('capture', subject, signal);
    const made = (await captures.find(controller, name)) ?? (await make(node, subject, signal));
    await edges.after('capture', subject, signal);
    return asCaptured(made);
  }

  async function make(
    node: NodeReference,
    subject: Subject & { image: string },
    signal: AbortSignal,
  ): Promise<FakeCapture> {
    const resource = await world.find(node.id);
    if (resource?.controller !== controller)
      throw new FootmanError('cloud-refused', `there is no node ${node.id}`);
    await halt(node, signal);
    return create('capture', subject, await world.readDisk(node.id));
  }

  async function find(name: string, signal: AbortSignal): Promise<CapturedImage | null> {
    const subject = { node: null, image: checked(name) };
    await edges.before('find-image', subject, signal);
    const found = await captures.find(controller, name);
    await edges.after('find-image', subject, signal);
    return found === undefined ? null : asCaptured(found);
  }

  async function remove(name: string, signal: AbortSignal): Promise<void> {
    const subject = { node: null, image: checked(name) };
    await edges.before('remove-image', subject, signal);
    const user = (await world.all()).find((each) => each.controller === controller && each.image === name);
    if (user !== undefined) throw new FootmanError('cloud-refused', `${user.node} stands on image ${name}`);
    const isThere = (await captures.find(controller, name)) !== undefined;
    await captures.delete(controller, name);
    if (isThere) await edges.note('deleted', 'remove-image', subject);
    await edges.after('remove-image', subject, signal);
  }

  async function* list(signal: AbortSignal): ReturnType<CloudImages['list']> {
    await edges.before('list-images', { node: null }, signal);
    for (const { name, createdAt } of await captures.all(controller)) yield { name, createdAt };
    // What goes wrong here does so after a part of the answer was read.
    await edges.after('list-images', { node: null }, signal);
  }

  async function exportImage(name: string, signal: AbortSignal): ReturnType<CloudImages['export']> {
    const subject = { node: null, image: checked(name) };
    await edges.before('export-image', subject, signal);
    const found = await captures.find(controller, name);
    if (found === undefined) throw new FootmanError('cloud-refused', `there is no image ${name}`);
    await edges.after('export-image', subject, signal);
    const file: z.infer<typeof ExportedFile> = { kind: 'footman-fake-image', content: found.content };
    return { content: Readable.from([Buffer.from(JSON.stringify(file))]), suffix: '.json' };
  }

  async function importImage(name: string, content: Readable, signal: AbortSignal): Promise<CapturedImage> {
    const subject = { node: null, image: checked(name) };
    await edges.before('import-image', subject, signal);
    const made =
      (await captures.find(controller, name)) ??
      (await create('import-image', subject, contentOf(await text(content))));
    await edges.after('import-image', subject, signal);
    return asCaptured(made);
  }

  async function create(
    call: 'capture' | 'import-image',
    subject: Subject & { image: string },
    content: string,
  ): Promise<FakeCapture> {
    const capture = { controller, name: subject.image, content, createdAt: Date.now() };
    const isNew = await captures.create(capture);
    if (isNew) await edges.note('created', call, subject);
    return isNew ? capture : ((await captures.find(controller, subject.image)) ?? capture);
  }
}

function asCaptured(capture: FakeCapture): CapturedImage {
  const bytes = Buffer.byteLength(capture.content);
  return { image: capture.name, bytes, digest: digestOf(capture) };
}

function checked(name: string): string {
  if (NAME.test(name)) return name;
  throw new FootmanError('cloud-refused', `${JSON.stringify(name)} can't be the name of an image`);
}

/** @throws FootmanError `cloud-refused` for what is no exported image */
function contentOf(file: string): string {
  try {
    return ExportedFile.parse(JSON.parse(file)).content;
  } catch (cause) {
    throw new FootmanError('cloud-refused', 'the file is no image of a fake cloud', { cause });
  }
}
