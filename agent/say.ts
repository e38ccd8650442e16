/** One plain line on the node's console, for people who look there. Never a secret, a script or a step's output. */
export function say(line: string): void {
  process.stdout.write(`footman agent: ${line}\n`);
}
