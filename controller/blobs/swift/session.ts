/** What a login gives. */
export interface Session {
  token: string;
  /** Without a slash at its end: `http://storage:8080/v1/AUTH_ci`. */
  storageUrl: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}
