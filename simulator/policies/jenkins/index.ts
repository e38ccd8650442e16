/** Jenkins' planner of nodes, by its published algorithm. */
export { startJenkins } from './jenkins.ts';
