/** A pipeline of one job with one step. */
export function oneStep(runsOn: string, script: string): string {
  return `jobs: { job: { runs-on: ${runsOn}, steps: [{ run: ${JSON.stringify(script)} }] } }\n`;
}

/** A cloud of processes on this machine with one template, which the label `host` chooses. */
export function processCloud({ minReady = 0, maxNodes = 8 } = {}): string {
  const template = `{ labels: host, min-ready: ${minReady} }`;
  return `{ local: { kind: process, max-nodes: ${maxNodes}, templates: { host: ${template} } } }`;
}
