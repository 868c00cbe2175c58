import type { Clock } from "../base/clock.ts";
import type { CertificateMaterial } from "./certificate-material.ts";
import { type CaMaterial, createCa, issueLeaf } from "./issued-certificate.ts";

/** The longest common name that RFC 5280 allows (appendix A.1, ub-common-name). */
const COMMON_NAME_LIMIT = 64;

/** The authority of one installation: whoever trusts its certificate trusts every name that this edge serves. */
export class LocalCa {
  readonly #material: CaMaterial;
  readonly #clock: Clock;

  constructor(material: CaMaterial, clock: Clock) {
    this.#material = material;
    this.#clock = clock;
  }

  /** What visitors and agents have to trust. */
  get certPem(): string {
    return this.#material.certPem;
  }

  /** A new certificate with a new key for these names, at least one: DNS names, also `*.name`, and IP addresses. Takes about 10 ms. */
  issue(names: readonly string[]): Promise<CertificateMaterial> {
    return issueLeaf(this.#material, names, this.#clock.date());
  }
}

/** A new authority; its name tells people where it comes from. */
export function createLocalCa(hostName: string, clock: Clock): Promise<CaMaterial> {
  return createCa(`ginnel local CA ${hostName}`.slice(0, COMMON_NAME_LIMIT), clock.date());
}
