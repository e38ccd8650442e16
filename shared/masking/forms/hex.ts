/** Where `xxd -p` breaks its lines. */
const WIDTH = 60;

/** In hexadecimal of either case, in one piece or in the lines of `xxd`. */
export function hexForms(bytes: Buffer): string[] {
  const whole = bytes.toString('hex');
  const lines = whole.match(new RegExp(`.{8,${WIDTH}}`, 'g')) ?? [];
  return [whole, ...lines].flatMap((form) => [form, form.toUpperCase()]);
}
