import type { CertificateMaterial } from "../../src/pki/certificate-material.ts";
import { type CertificateStore, nameSetKey } from "../../src/edge/certificates/certificate-store.ts";

/** Forgets everything when the process ends. */
export class MemoryCertificateStore implements CertificateStore {
  readonly #issued = new Map<string, CertificateMaterial>();
  readonly #accountKeys = new Map<string, Promise<string>>();

  issued(): Promise<readonly CertificateMaterial[]> {
    return Promise.resolve([...this.#issued.values()]);
  }

  keepIssued(certificate: CertificateMaterial): Promise<void> {
    this.#issued.set(nameSetKey(certificate.names), certificate);
    return Promise.resolve();
  }

  forgetIssued(names: readonly string[]): Promise<void> {
    this.#issued.delete(nameSetKey(names));
    return Promise.resolve();
  }

  /** There are no others. */
  listen(): () => void {
    return () => {};
  }

  async accountKey(directoryUrl: string, make: () => Promise<string>): Promise<string> {
    const known = this.#accountKeys.get(directoryUrl);
    if (known !== undefined) return known;
    const making = make();
    this.#accountKeys.set(directoryUrl, making);
    try {
      return await making;
    } catch (error) {
      this.#accountKeys.delete(directoryUrl); // the next order may have more luck
      throw error;
    }
  }
}
