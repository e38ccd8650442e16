/** From node requests to nodes: candidates, quotas, launches. */
export { templatesOf, type CloudSet, type OpenCloud, type Template } from './open-cloud.ts';
