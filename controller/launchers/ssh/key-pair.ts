/** A key to log in with; both parts in OpenSSH's format. */
export interface KeyPair {
  privateKey: string;
  /** One line, as authorized_keys has it. */
  publicKey: string;
}

/** A new ed25519 key without a passphrase. */
export async function makeKeyPair(comment: string): Promise<KeyPair> {
  const { default: ssh2 } = await import('ssh2');
  const { promise, resolve, reject } = Promise.withResolvers<KeyPair>();
  ssh2.utils.generateKeyPair('ed25519', { comment }, (error, pair) => {
    if (error !== null) reject(error);
    else resolve({ privateKey: pair.private, publicKey: pair.public });
  });
  return promise;
}
