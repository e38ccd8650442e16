/** Where a host answers. */
export interface Address {
  host: string;
  port: number;
}

const DEFAULT_PORT = 22;
/** A name or an IPv4 address, or an IPv6 address in brackets; neither begins with a dash. */
const ADDRESS = /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<name>[A-Za-z\d][\w.-]*))(?::(?<port>\d{1,5}))?$/;

/** Reads `host`, `host:port` or `[address]:port`; undefined for what is none of them. */
export function parseAddress(text: string): Address | undefined {
  const { v6, name, port } = ADDRESS.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { host: host.toLowerCase(), port: number };
}
