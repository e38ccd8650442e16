/** A key to log in with; both parts in OpenSSH's format. */
export interface KeyPair {
  privateKey: string;
  /** One line, as authorized_keys has it. */
  publicKey: string;
}

/** A new ed25519 key without a passphrase. */
export async function makeKeyPair(comment: string): Promise<KeyPair> {
  const { default: ssh2 } = await import('ssh2');
  for (;;) {
    const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    // One in 256 that ssh2 1.17 makes is cut short: its public part begins with a zero, which is lost.
    if (!(ssh2.utils.parseKey(privateKey) instanceof Error)) return { privateKey, publicKey };
  }
}
