import ssh2 from "ssh2";

/**
 * A new ed25519 key pair, in OpenSSH's formats. ssh2 1.17 drops leading zero bytes of the public key, so that one pair in 256
 * is one that nobody can read: such a pair is drawn again.
 */
export function generateEd25519(comment = ""): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
