const NON_ASCII = /[^\x20-\x7e]/g;
/** What Go and Rails take out for the sake of HTML. */
const MARKUP = /[<>&\u2028\u2029]/g;
/** What .NET's default encoder takes out. */
const CAUTIOUS = /[^\x20-\x7e]|["&'+<>`]/g;

/** Inside a JSON string, as the encoders of the common languages write it; and as a string in such a string. */
export function jsonForms(text: string): string[] {
  const json = inside(text);
  const ascii = escape(json, NON_ASCII);
  const upperAscii = escape(json, NON_ASCII, true);
  const forms = [
    json,
    ascii,
    upperAscii,
    escape(json, MARKUP),
    escape(json, MARKUP, true),
    escape(ascii, MARKUP),
    escape(ascii, MARKUP, true),
    // .NET has short escapes for control characters and the backslash, but none for quotes.
    escape(json.replaceAll(String.raw`\"`, '"'), CAUTIOUS, true),
    inside(json),
    inside(ascii),
  ];
  return forms.flatMap((form) => [form, form.replaceAll('/', String.raw`\/`)]);
}

function inside(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** One escape for each UTF-16 code unit. */
function escape(text: string, characters: RegExp, isUpperCase = false): string {
  return text.replaceAll(characters, (unit) => {
    const code = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${isUpperCase ? code.toUpperCase() : code}`;
  });
}
