/** Bytes that the declaration of the encoding is looked for in. */
const HEAD_BYTES = 200;

/**
 * The text of an XML document. Its encoding is what its first bytes show; else what it declares, as long as that can be true; else UTF-8. What
 * is not of that encoding becomes U+FFFD: a report that says one thing and does another is read as well as it can be.
 */
export async function* decodeXml(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let head = Buffer.alloc(0);
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    if (decoder !== undefined) {
      yield decoder.decode(chunk, { stream: true });
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    decoder = new TextDecoder(encodingOf(head));
    yield decoder.decode(head, { stream: true });
  }
  if (decoder === undefined) yield new TextDecoder(encodingOf(head)).decode(head);
  else yield decoder.decode();
}

function encodingOf(head: Buffer): string {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const text = head.toString('latin1', 0, HEAD_BYTES);
  const declared = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(text)?.[1];
  // These two would have shown in the first bytes: the writer's own strings were UTF-16, the file is not.
  return declared === undefined || /^utf-?16|^ucs-?2|^unicode$/i.test(declared) ? 'utf-8' : known(declared);
}

function known(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'utf-8';
  }
}
