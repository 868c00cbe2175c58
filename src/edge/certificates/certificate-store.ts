import type { CertificateMaterial } from "../../pki/certificate-material.ts";

/**
 * Where the certificates that an authority issued are kept, and the key of the account they were ordered with. Everything in
 * it is for this installation alone: it holds private keys.
 */
export interface CertificateStore {
  /** All that is kept and can be used. */
  issued(): Promise<readonly CertificateMaterial[]>;
  /** In the place of what was kept for the same names, whatever their order. */
  keepIssued(certificate: CertificateMaterial): Promise<void>;
  forgetIssued(names: readonly string[]): Promise<void>;
  /**
   * PEM of the key of our account with the authority of this directory URL. Without one `make` is asked, and what it makes is
   * kept; of several that ask at once all get the same key.
   */
  accountKey(directoryUrl: string, make: () => Promise<string>): Promise<string>;
  /** Called with what other nodes keep here from now on; the answer ends it. */
  listen(onKept: (certificate: CertificateMaterial) => void): () => void;
}

/** The same for the same names in any order. */
export function nameSetKey(names: readonly string[]): string {
  return names.toSorted().join(" ");
}
