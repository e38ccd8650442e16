/** `[skip ci]` and its kin, as GitHub, GitLab and others know them, anywhere in the text. */
const MARK = /\[(?:skip[ -]ci|ci[ -]skip|no[ -]ci)\]/i;

/** A trailer at the end of a message. https://docs.github.com/actions/managing-workflow-runs/skipping-workflow-runs */
const TRAILER = /^skip-checks:\s*true\s*$/im;

/** Whether the text (a commit's message, a pull request's title) asks for no build. */
export function asksToSkip(text: string): boolean {
  return MARK.test(text) || TRAILER.test(lastParagraph(text));
}

function lastParagraph(text: string): string {
  return (
    text
      .trim()
      .split(/\n\s*\n/)
      .slice(1)
      .at(-1) ?? ''
  );
}
