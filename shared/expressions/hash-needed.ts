/** An expression calls hashFiles() and nobody has the hash yet: ask the agent for it, then evaluate again. */
export class HashNeeded extends Error {
  override readonly name = 'HashNeeded';
  readonly globs: readonly string[];

  constructor(globs: readonly string[]) {
    super(`hashFiles(${globs.join(', ')})`);
    this.globs = globs;
  }
}
