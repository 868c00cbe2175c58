import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import type { KeyType } from "./certificate-authority.ts";

/** Who holds names, and what they want of their certificates; answered from memory. Names are in lower case. */
export interface NameHolders {
  /** The name or wildcard that somebody reserved and that serves this name, also while nothing is online there. */
  reservedHost(name: string): string | undefined;
  /** The account that reserved it, or a wildcard over it; `undefined` also for names of the configuration. */
  accountOf(name: string): string | undefined;
  /** Brought for this name; comes before every other certificate. The same object until it changes: sessions hang on it. */
  uploadedFor(name: string): CertificateMaterial | undefined;
  /** The kind of key, for a name that is to have a certificate of an authority even where the operator's covers it. */
  managedKeyType(name: string): KeyType | undefined;
}

/** Names and wildcards that are reserved, and nothing more is known of. A wildcard stands for itself and all names below it. */
export class ReservedNames implements NameHolders {
  readonly #hosts: ReadonlySet<string>;

  constructor(hosts: readonly string[]) {
    this.#hosts = new Set(hosts);
  }

  reservedHost(name: string): string | undefined {
    if (this.#hosts.has(name)) return name;
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      const wildcard = `*${name.slice(dot)}`;
      if (this.#hosts.has(wildcard)) return wildcard;
    }
    return undefined;
  }

  accountOf(): undefined {
    return undefined;
  }

  uploadedFor(): undefined {
    return undefined;
  }

  managedKeyType(): undefined {
    return undefined;
  }
}

/** Several together; of two that know a name the first counts. */
export class JoinedHolders implements NameHolders {
  readonly #holders: readonly NameHolders[];

  constructor(holders: readonly NameHolders[]) {
    this.#holders = holders;
  }

  reservedHost(name: string): string | undefined {
    return this.#first((holders) => holders.reservedHost(name));
  }

  accountOf(name: string): string | undefined {
    return this.#first((holders) => holders.accountOf(name));
  }

  uploadedFor(name: string): CertificateMaterial | undefined {
    return this.#first((holders) => holders.uploadedFor(name));
  }

  managedKeyType(name: string): KeyType | undefined {
    return this.#first((holders) => holders.managedKeyType(name));
  }

  #first<A>(ask: (holders: NameHolders) => A | undefined): A | undefined {
    for (const holders of this.#holders) {
      const answer = ask(holders);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}
