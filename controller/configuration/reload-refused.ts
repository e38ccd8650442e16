import { FootmanError } from '#shared/errors';
import type { Change } from './change.ts';

/** A reload that would take away what something still needs: nothing of it was applied. */
export class ReloadRefused extends FootmanError {
  readonly refused: readonly Change[];

  constructor(changes: readonly Change[]) {
    const refused = changes.filter(({ takes }) => takes === 'refused');
    const reasons = refused.map(({ sentence, why }) => `${sentence}: ${why}`);
    super('conflict', `nothing was reloaded: ${reasons.join('; ')}`);
    this.refused = refused;
  }
}
