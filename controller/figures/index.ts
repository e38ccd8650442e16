/** How quickly nodes start and how often they fail, as numbers that people compare clouds by. */
export { percentilesOf, quantileOf, type Percentiles } from './percentiles.ts';
export { START_PHASES, startOf, type Start, type StartPhase } from './start.ts';
export { figuresOf, type TemplateFigures } from './template-figures.ts';
