import { type Document, parseDocument } from '#shared/document';
import { z } from 'zod';
import { type Draft, entries, entry } from '../draft.ts';
import { MAX_INCLUDED_LENGTH, MAX_INCLUDES, MAX_TEMPLATES } from '../limits.ts';
import type { Origin } from '../origin.ts';
import type { TemplatesSource, TemplateSource } from '../schema/template.ts';
import { readUses } from './uses.ts';
import { usersIn } from './users.ts';

/** The text of a file of the repository, by its path from the top (`ci/common.yaml`); nothing when there is none. */
export type Include = (path: string) => string | undefined;

/** A file of templates. */
export interface TemplateFile {
  path: string;
  text: string;
  /** None when its YAML can't be read. */
  document?: Document;
  /** As they are written; none if there are too many. */
  templates: ReadonlyMap<string, Draft>;
}

/** A template in a file without mistakes. */
export interface Found {
  template: TemplateSource;
  origin: Origin;
}

interface Refusal {
  message: string;
  hint: string;
}

/** The files of templates that a pipeline uses, and those that they use: all are read before anything is checked. */
export interface Library {
  /** Reads the files that the document's `uses` name, those that these name, and so on. */
  readAll(user: Document): void;
  /** Those that were read, in the order of their first use. */
  files(): TemplateFile[];
  file(path: string): TemplateFile | undefined;
  /** The template as it is written, whatever it is. */
  draft(uses: string): Draft | undefined;
  /** None when anything is wrong on the way to it. */
  find(uses: string): Found | undefined;
  /** Keeps what the file holds; it has no mistakes. */
  keep(path: string, source: TemplatesSource): void;
  /** Why a file that is used was not read. */
  refusal(path: string): Refusal | undefined;
}

export function createLibrary(include: Include | undefined): Library {
  const files = new Map<string, TemplateFile>();
  const sources = new Map<string, TemplatesSource>();
  const refusals = new Map<string, Refusal>();
  let length = 0;
  return {
    readAll,
    files: () => [...files.values()],
    file: (path) => files.get(path),
    draft,
    find,
    keep,
    refusal: (path) => refusals.get(path),
  };

  function readAll(user: Document): void {
    for (const { value } of usersIn(user).map((draft) => entry(draft, 'uses'))) {
      const uses = typeof value === 'string' ? readUses(value) : undefined;
      if (uses?.ok === true && !files.has(uses.path) && !refusals.has(uses.path)) read(uses.path);
    }
  }

  function read(path: string): void {
    if (files.size >= MAX_INCLUDES) return refuse(path, TOO_MANY);
    const text = include?.(path);
    if (text === undefined) return refuse(path, include === undefined ? NO_REPOSITORY : noFile(path));
    if (length + text.length > MAX_INCLUDED_LENGTH) return refuse(path, TOO_LONG);
    length += text.length;
    const file: TemplateFile = { path, text, templates: new Map() };
    files.set(path, file);
    parseDocument({ source: text, file: path, schema: z.unknown(), check });
    if (file.document !== undefined) readAll(file.document);

    function check(read: Document): void {
      file.document = read;
      const all = entries(entry({ path: [], value: read.value }, 'templates'));
      if (all.size <= MAX_TEMPLATES) file.templates = all;
    }
  }

  function refuse(path: string, refusal: Refusal): void {
    refusals.set(path, refusal);
  }

  function draft(uses: string): Draft | undefined {
    const name = readUses(uses);
    return name.ok ? files.get(name.path)?.templates.get(name.template) : undefined;
  }

  function find(uses: string): Found | undefined {
    const name = readUses(uses);
    if (!name.ok) return undefined;
    const template = sources.get(name.path)?.templates[name.template];
    const document = files.get(name.path)?.document;
    if (document === undefined || template === undefined) return undefined;
    return { template, origin: { document, path: ['templates', name.template] } };
  }

  function keep(path: string, source: TemplatesSource): void {
    sources.set(path, source);
  }
}

const TOO_MANY: Refusal = {
  message: 'the pipeline uses too many files of templates',
  hint: `at most ${MAX_INCLUDES} are read`,
};
const TOO_LONG: Refusal = {
  message: 'the files of templates hold too much, up to this one',
  hint: `together they may have ${MAX_INCLUDED_LENGTH / 1024} KiB; move long scripts into files of their own`,
};
const NO_REPOSITORY: Refusal = {
  message: "templates can't be used here",
  hint: 'they are read from a repository, and this pipeline comes from none',
};

function noFile(path: string): Refusal {
  return {
    message: `there is no file ${JSON.stringify(path)}`,
    hint: 'paths begin at the top of the repository',
  };
}
