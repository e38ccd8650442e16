import { Duplex } from 'node:stream';
import { serveSftp } from '../../agent/sftp/index.ts';

// For `sftp -D`: the agent's SFTP server on standard input and output. The argument is the folder where names begin.
const [, , folder = '/'] = process.argv;
const stream = new Duplex({
  read: () => void process.stdin.resume(),
  write: (chunk: Buffer, _, done) => void process.stdout.write(chunk, done),
});
process.stdin
  .on('data', (chunk) => {
    if (!stream.push(chunk)) process.stdin.pause();
  })
  .on('end', () => stream.push(null));
await serveSftp(stream, { folder, signal: new AbortController().signal });
