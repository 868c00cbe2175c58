/**
 * The policy of a cloud endpoint, before it is kept: one that could not be served is not taken in (reference.md 7.12). Reading one
 * takes long, and changes wait for each other over all nodes; so it is read before the change, which looks only for the records that
 * the policy names.
 */
import { PublicError } from "../../base/errors.ts";
import { AddressRules } from "../../model/address-rules.ts";
import type { EndpointAddress } from "../../model/endpoint-address.ts";
import { noSuchAuthority } from "../../policy/traffic-policy/terminate-tls.ts";
import { trafficPolicySteps } from "../../policy/traffic-policy/traffic-policy.ts";
import type { Reader } from "../../store/store.ts";
import { EndpointTls } from "../endpoint-tls.ts";

/** Whose policy it is, and where the records of its account are read. */
export interface PolicyScene {
  readonly accountId: string;
  readonly reader: Pick<Reader, "all">;
}

/** One that can be served at such an address while the records are there that it names. */
export class CloudPolicy {
  readonly #text: string;
  readonly #address: Pick<EndpointAddress, "scheme" | "kind">;
  readonly #ipPolicyIds = new Set<string>();
  readonly #authorityIds = new Set<string>();

  private constructor(text: string, address: EndpointAddress) {
    this.#text = text;
    this.#address = address;
  }

  /** @throws PublicError */
  static async read(text: string, address: EndpointAddress, scene: PolicyScene): Promise<CloudPolicy> {
    const policy = new CloudPolicy(text, address);
    const rules = new AddressRules([], "nobody"); // nobody is let in by what is made here
    const pems = new Map<string, string>();
    const { tls } = trafficPolicySteps(text, {
      protocol: address.scheme,
      mustEnd: true,
      isInternal: address.kind === "internal",
      ipPolicy: (id) => {
        policy.#ipPolicyIds.add(id);
        return () => rules;
      },
      certificateAuthority: (id) => {
        policy.#authorityIds.add(id);
        return () => pems.get(id);
      },
    });
    for (const { id, caPem } of await policy.#records(scene)) pems.set(id, caPem);
    if (tls !== undefined) void new EndpointTls(tls);
    return policy;
  }

  isOf(text: string, { scheme, kind }: EndpointAddress): boolean {
    return text === this.#text && scheme === this.#address.scheme && kind === this.#address.kind;
  }

  /** @throws PublicError when the account has no such record now */
  async refuseMissing(scene: PolicyScene): Promise<void> {
    await this.#records(scene);
  }

  /** Answers the authorities of the account. @throws as {@link refuseMissing} */
  async #records({ accountId, reader }: PolicyScene) {
    const [ipPolicies, authorities] = [
      this.#ipPolicyIds.size === 0 ? [] : await reader.all("ipPolicy", { accountId }),
      this.#authorityIds.size === 0 ? [] : await reader.all("certificateAuthority", { accountId }),
    ];
    const [reference] = this.#ipPolicyIds.difference(new Set(ipPolicies.map(({ id }) => id)));
    if (reference !== undefined) throw new PublicError("ERR_NGROK_2216", { reference });
    const [authority] = this.#authorityIds.difference(new Set(authorities.map(({ id }) => id)));
    if (authority !== undefined) throw noSuchAuthority(authority);
    return authorities;
  }
}
