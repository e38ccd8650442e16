import type {
  Configuration,
  ConfigurationCheck,
  ConfigurationOutlook,
  Cordon,
  CordonList,
  Drain,
  Node,
  Uncordoned,
} from '#controller/api';
import type { Call } from './transport.ts';

/** The part of the API that administrators work with: cordons, drains, deletions, the configuration. */
export interface OperationsClient {
  cordons(): Promise<CordonList>;
  /** Without a reason, that of a cordon that stands already remains. */
  cordon(target: string, reason: string | null): Promise<Cordon>;
  uncordon(target: string): Promise<Uncordoned>;
  /** Cordons as well; again, it sends away what was on its way the last time. */
  drain(target: string, reason: string | null): Promise<Drain>;
  /** By force also with a job, which then ends `errored`. */
  deleteNode(id: string, how: { force: boolean; reason: string | null }): Promise<Node>;
  configuration(): Promise<Configuration>;
  /** What this text in the place of the file would change, or the file as it is now. */
  checkConfiguration(text: string | undefined): Promise<ConfigurationCheck>;
  reloadConfiguration(): Promise<ConfigurationOutlook>;
}

export function createOperationsClient(read: <T>(call: Call) => Promise<T>): OperationsClient {
  return {
    cordons: () => read({ path: '/cordons' }),
    cordon: (target, reason) => read({ method: 'PUT', path: `/cordons/${pathOf(target)}`, json: { reason } }),
    uncordon: (target) => read({ method: 'DELETE', path: `/cordons/${pathOf(target)}` }),
    drain: (target, reason) => read({ method: 'POST', path: `/drains/${pathOf(target)}`, json: { reason } }),
    deleteNode: (id, { force, reason }) => {
      const query = new URLSearchParams({ force: String(force), ...(reason === null ? {} : { reason }) });
      return read({ method: 'DELETE', path: `/nodes/${encodeURIComponent(id)}?${query.toString()}` });
    },
    configuration: () => read({ path: '/configuration' }),
    checkConfiguration: (text) => read({ method: 'POST', path: '/configuration/check', json: { text } }),
    reloadConfiguration: () => read({ method: 'POST', path: '/configuration/reload', json: {} }),
  };
}

/** A template's name has a slash of its own. */
function pathOf(target: string): string {
  return target.split('/').map(encodeURIComponent).join('/');
}
