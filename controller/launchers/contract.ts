/** Where agents can dial. */
export interface Endpoints {
  /** Folder of the Unix socket, and the socket's name in it: a mount of the folder outlives the controller. */
  socketFolder: string;
  socketName: string;
  /** The URL under which other machines reach the controller, as configured; null when there is none. */
  url: string | null;
}

/** A folder with the pinned Node.js, its loader and libraries, and the agent; the digest names its content. */
export interface RuntimeFolder {
  path: string;
  digest: string;
  /** The command that starts an agent in a place where `path` is mounted at `mount`. */
  command(mount: string): string[];
}
