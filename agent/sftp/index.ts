/** The machine's files for SFTP clients, without an sshd. */
export { serveSftp, type SftpOptions } from './serve-sftp.ts';
