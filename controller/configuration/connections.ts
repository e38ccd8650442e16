import type { Cloud } from '#controller/clouds';
import type { CloudConfiguration } from '#controller/config';
import { isSameConnection } from './connection.ts';

/** An open connection to a provider, and what it was opened with. */
export interface Connection {
  name: string;
  configuration: CloudConfiguration;
  cloud: Cloud;
}

/** All connections that are open, by the clouds' names: those that are configured, and those that still have nodes. */
export interface Connections {
  all(): readonly Connection[];
  of(name: string): Cloud | undefined;
  /** Opens what these clouds need and is not open in that way. All or none; nothing is put to use yet. */
  openMissing(clouds: readonly CloudConfiguration[]): Promise<Connection[]>;
  /** Puts connections to use, and closes those whose place they take. */
  use(fresh: readonly Connection[]): Promise<void>;
  /** Closes the connections of these names. */
  close(names: readonly string[]): Promise<void>;
  closeAll(): Promise<void>;
}

/** `open` makes a connection without asking the provider anything. */
export function createConnections(open: (cloud: CloudConfiguration) => Promise<Cloud>): Connections {
  const connections = new Map<string, Connection>();

  return {
    all: () => [...connections.values()],
    of: (name) => connections.get(name)?.cloud,

    async openMissing(clouds) {
      const missing = clouds.filter((cloud) => {
        const known = connections.get(cloud.name);
        return known === undefined || !isSameConnection(known.configuration, cloud);
      });
      const opened = await Promise.allSettled(
        missing.map(async (cloud) => ({ name: cloud.name, configuration: cloud, cloud: await open(cloud) })),
      );
      const fresh = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const failed = opened.find((one) => one.status === 'rejected');
      if (failed === undefined) return fresh;
      await closeConnections(fresh);
      throw failed.reason;
    },

    async use(fresh) {
      const replaced = fresh.flatMap(({ name }) => connections.get(name) ?? []);
      for (const connection of fresh) connections.set(connection.name, connection);
      await closeConnections(replaced);
    },

    close: (names) => closeConnections(names.flatMap(take)),
    closeAll: () => closeConnections([...connections.keys()].flatMap(take)),
  };

  function take(name: string): Connection[] {
    const connection = connections.get(name);
    connections.delete(name);
    return connection === undefined ? [] : [connection];
  }
}

/** One that can't be closed is of no use to anybody all the same. */
export async function closeConnections(connections: readonly Connection[]): Promise<void> {
  await Promise.allSettled(connections.map(({ cloud }) => cloud.close()));
}
