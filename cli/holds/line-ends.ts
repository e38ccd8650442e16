import { Transform } from 'node:stream';

const CR = 0x0d;
const LF = 0x0a;

/** Takes back what a terminal does to line ends on their way out, for programs: each line feed loses the carriage return before it. */
export function plainLineEnds(): Transform {
  let hasReturn = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = hasReturn ? Buffer.concat([Buffer.of(CR), chunk]) : chunk;
      // Nobody knows yet what follows the last one.
      hasReturn = bytes.at(-1) === CR;
      const whole = hasReturn ? bytes.subarray(0, -1) : bytes;
      done(
        null,
        whole.filter((byte, index) => byte !== CR || whole[index + 1] !== LF),
      );
    },
    flush(done) {
      done(null, hasReturn ? Buffer.of(CR) : undefined);
    },
  });
}
