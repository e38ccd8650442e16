/** Where the controller is, as a host and port or as a Unix socket. */
export interface Endpoint {
  readonly secure: boolean;
  /** For the Host header. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** Set if the controller listens on a Unix socket. */
  readonly socketPath: string | undefined;
  /** Path under which the controller lives there: empty, or such as `/ci`. */
  readonly base: string;
}

/** Where one HTTP request goes. */
export interface Target extends Omit<Endpoint, 'base'> {
  /** Path and query, as they stand in the request line. */
  readonly path: string;
}

/** Reads `http://host:port`, `https://host:port` or `unix:/path/of/socket`. */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix:')) {
    const socketPath = text.slice('unix:'.length);
    return { secure: false, host: 'localhost', hostname: 'localhost', port: 80, socketPath, base: '' };
  }
  const { path, ...target } = targetOf(new URL(text));
  return { ...target, base: path.replace(/\/+$/, '') };
}

/**
 * Where a presigned URL leads: a path is the controller's own, over the same socket as everything else; anything else stands for itself.
 *
 * @throws TypeError if it is neither a path nor an http(s) URL
 */
export function resolveUrl(endpoint: Endpoint, url: string): Target {
  if (!url.startsWith('/') || url.startsWith('//')) return targetOf(new URL(url));
  const { base, ...target } = endpoint;
  return { ...target, path: base + url };
}

function targetOf(url: URL): Target {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(`${url.protocol} is neither http: nor https:`);
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: url.host,
    // Node's sockets want an IPv6 address without the brackets that a URL puts around it.
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    socketPath: undefined,
    path: url.pathname + url.search,
  };
}
