import { NODE_VARIABLE } from './node-processes.ts';

/** The controller's other variables may be secrets. */
const KEPT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ'];

/** How to reach the network from here: certificates of a company's own, and proxies, as long as their URLs hold no password. */
const CERTIFICATES = [
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
];
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** An agent's whole environment. */
export function cleanEnvironment(node: string, extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const proxies = PROXIES.filter((name) => !process.env[name]?.includes('@'));
  const kept = [...KEPT, ...CERTIFICATES, ...proxies].filter((name) => process.env[name] !== undefined);
  const own = Object.fromEntries(kept.map((name) => [name, process.env[name]]));
  return { ...own, ...extra, [NODE_VARIABLE]: node };
}
