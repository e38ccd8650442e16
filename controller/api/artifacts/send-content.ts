import type { Request, Response } from 'express';
import type { Content, Range } from '#controller/contents';
import { FootmanError } from '#shared/errors';
import { disconnected } from '../http/disconnected.ts';
import { errorAnswer } from '../http/error-answer.ts';
import { pump } from '../http/pump.ts';
import { shownTypeOf } from './content-types.ts';
import { fileNameOf } from './file-name.ts';

/** Something with a known size and digest. */
export interface Sent {
  /** Its path; the last part of it names the download. */
  name: string;
  bytes: number;
  sha256: string;
  open(range: Range | undefined, signal: AbortSignal): Promise<Content>;
}

/** What a page of a job may do where it is shown: have styles and pictures of its own, and nothing else. */
const SANDBOX =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'";

/**
 * Answers with all of it, or with the one range asked for (RFC 9110). What a job left never runs as a page of this origin: it is an attachment of no
 * type; `isShown`, it is shown in a sandbox. Helmet adds nosniff. What turns out to be damaged is cut off before its end.
 */
export async function sendContent(
  sent: Sent,
  { isShown }: { isShown: boolean },
  request: Request,
  response: Response,
): Promise<void> {
  const { bytes, sha256 } = sent;
  response.setHeader('ETag', `"${sha256}"`);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', 'private, no-cache');
  if (request.fresh) return void response.status(304).end();
  const range = rangeOf(request, sent);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${bytes}`);
    const nothing = new FootmanError('request-invalid', `it has ${bytes} bytes, and none in that range`);
    return void response.status(416).json(errorAnswer(nothing));
  }
  response.setHeader('Repr-Digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
  announce(response, sent.name, isShown);
  await sending(response, async (signal) => {
    const content = request.method === 'HEAD' ? undefined : await sent.open(range, signal);
    if (range !== undefined) {
      const { offset, length } = range;
      response.status(206).setHeader('Content-Range', `bytes ${offset}-${offset + length - 1}/${bytes}`);
    }
    response.setHeader('Content-Length', range?.length ?? bytes);
    return content?.pieces;
  });
}

/** The same for what is made while it is sent: nobody knows its size. */
export async function sendStream(
  {
    name,
    type,
    content,
  }: { name: string; type: string; content: (signal: AbortSignal) => AsyncIterable<Buffer | string> },
  request: Request,
  response: Response,
): Promise<void> {
  response.attachment(fileNameOf(name));
  response.type(type);
  response.setHeader('Cache-Control', 'private, no-cache');
  await sending(response, (signal) =>
    Promise.resolve(request.method === 'HEAD' ? undefined : content(signal)),
  );
}

/** Sends what `open` gives. Where nothing was sent yet, an error is answered as any other. */
async function sending(
  response: Response,
  open: (signal: AbortSignal) => Promise<AsyncIterable<Buffer | string> | undefined>,
): Promise<void> {
  const signal = disconnected(response);
  try {
    const content = await open(signal);
    if (content === undefined) return void response.end();
    await pump(content, response, signal);
  } catch (error) {
    if (!response.headersSent) for (const name of OF_CONTENT) response.removeHeader(name);
    throw error;
  }
}

const OF_CONTENT = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'Content-Type',
  'ETag',
  'Repr-Digest',
];

function announce(response: Response, name: string, isShown: boolean): void {
  const type = isShown ? shownTypeOf(name) : undefined;
  if (type === undefined) response.attachment(fileNameOf(name));
  response.type(type ?? 'application/octet-stream');
  if (type !== undefined) response.setHeader('Content-Security-Policy', SANDBOX);
}

function rangeOf(request: Request, { bytes, sha256 }: Sent): Range | undefined | 'unsatisfiable' {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== `"${sha256}"`) return undefined;
  const ranges = request.range(bytes, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1)
    return undefined;
  const [range] = ranges;
  return range === undefined ? undefined : { offset: range.start, length: range.end - range.start + 1 };
}
