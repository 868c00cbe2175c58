import type * as Acme from "acme-client";
import type { Clock } from "../../base/clock.ts";
import { loadCertificate } from "../../pki/certificate-files.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import { acmeRequest, type AcmeTransportOptions } from "./acme-transport.ts";
import { type CertificateAuthority, type CertificateOrder, OrderFailure } from "./certificate-authority.ts";
import { type CertificateStore, nameSetKey } from "./certificate-store.ts";
import type { DnsHook } from "./dns-hook.ts";
import type { ChallengeBoard } from "./shared-orders.ts";

/** How often, and how long between, the state of an order is asked for: a minute and a half in all. */
const STATE_QUESTIONS = { backoffAttempts: 12, backoffMin: 500, backoffMax: 15_000 };
const RSA_BITS = 4096;

export interface AcmeAuthorityOptions extends AcmeTransportOptions {
  readonly directoryUrl: string;
  /** Mail address for the authority's warnings. */
  readonly contact: string | undefined;
  /** External account binding (RFC 8555 section 7.3.4); the key is base64url, and secret. */
  readonly externalAccount: { readonly keyId: string; readonly hmacKey: string } | undefined;
  readonly store: CertificateStore;
  readonly challenges: ChallengeBoard;
  /** For DNS-01. */
  readonly dnsHook: DnsHook | undefined;
  readonly clock: Clock;
}

/**
 * An authority that speaks ACME (RFC 8555), whose terms the operator has agreed to. acme-client has one transport for the whole
 * process, so there can be only one authority in it.
 */
export class AcmeAuthority implements CertificateAuthority {
  readonly #options: AcmeAuthorityOptions;
  /** With an account; opened by the first order, and anew after a failed one, when the account may be gone. */
  #opened: Promise<Session> | undefined;

  constructor(options: AcmeAuthorityOptions) {
    this.#options = options;
  }

  async order(order: CertificateOrder): Promise<CertificateMaterial> {
    const opened = (this.#opened ??= this.#open());
    try {
      return await this.#orderWith(await opened, order);
    } catch (cause) {
      if (this.#opened === opened) this.#opened = undefined;
      if (cause instanceof OrderFailure) throw cause;
      // Whatever it is, it came of what the authority said: the library tells problems and faults apart by their text alone.
      throw new OrderFailure(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  async #open(): Promise<Session> {
    const { directoryUrl, contact, externalAccount, store } = this.#options;
    const acme = await import("acme-client"); // a fifth of a second, which only an edge with an authority pays
    acme.axios.defaults.adapter = async (config) => ({
      ...(await acmeRequest(config, this.#options)),
      config,
    });
    const accountKey = await store.accountKey(directoryUrl, async () =>
      String(await acme.crypto.createPrivateEcdsaKey()),
    );
    const binding = externalAccount && { kid: externalAccount.keyId, hmacKey: externalAccount.hmacKey };
    const client = new acme.Client({
      directoryUrl,
      accountKey,
      ...(binding === undefined ? {} : { externalAccountBinding: binding }),
      ...STATE_QUESTIONS,
    });
    // An account that is there is changed to this, and authorities may refuse a change that names nothing.
    const contacts = contact === undefined ? [] : [`mailto:${contact}`];
    await client.createAccount({ termsOfServiceAgreed: true, contact: contacts });
    return { acme, client };
  }

  async #orderWith({ acme, client }: Session, order: CertificateOrder): Promise<CertificateMaterial> {
    const { names, challengeType, keyType } = order;
    const { crypto } = acme;
    const isRsa = keyType === "rsa";
    const privateKey = isRsa ? await crypto.createPrivateRsaKey(RSA_BITS) : await crypto.createPrivateEcdsaKey();
    // Without a common name, which is optional and cannot hold every name (64 characters).
    const [keyPem, csr] = await crypto.createCsr({ altNames: [...names] }, privateKey);
    const certificatePem = await client.auto({
      csr,
      termsOfServiceAgreed: true,
      skipChallengeVerification: true, // from in here a name may not lead where it leads from outside
      challengePriority: [challengeType],
      challengeCreateFn: (authorization, { type, token }, keyAuthorization) =>
        this.#publish(names, { name: authorization.identifier.value, type, token, keyAuthorization }),
      challengeRemoveFn: (authorization, { type, token }, keyAuthorization) =>
        this.#withdraw(names, { name: authorization.identifier.value, type, token, keyAuthorization }),
    });
    const text = (value: string) => ({ kind: "text", text: value }) as const;
    const { material } = await loadCertificate(
      text(certificatePem),
      text(keyPem.toString()),
      this.#options.clock.date(),
    );
    if (nameSetKey(material.names) !== nameSetKey(names))
      throw new OrderFailure(`the certificate has other names: ${material.names.join(",")}`);
    return material;
  }

  async #publish(names: readonly string[], challenge: Challenge): Promise<void> {
    const { challenges, dnsHook } = this.#options;
    const { name, type, keyAuthorization } = challenge;
    if (type === "http-01" || type === "tls-alpn-01") await challenges.publish(names, { ...challenge, type });
    else if (type === "dns-01" && dnsHook !== undefined) await dnsHook.present(recordOf(name), keyAuthorization);
    else throw new OrderFailure(`the authority wants ${type} for ${name}, which this edge cannot answer`);
  }

  async #withdraw(names: readonly string[], challenge: Challenge): Promise<void> {
    const { challenges, dnsHook } = this.#options;
    const { name, type, keyAuthorization } = challenge;
    if (type === "http-01" || type === "tls-alpn-01") await challenges.withdraw(names, { ...challenge, type });
    else if (type === "dns-01") await dnsHook?.remove(recordOf(name), keyAuthorization);
  }
}

interface Session {
  readonly acme: typeof Acme;
  readonly client: Acme.Client;
}

interface Challenge {
  readonly name: string;
  readonly type: string;
  readonly token: string;
  readonly keyAuthorization: string;
}

/** RFC 8555 section 8.4. The identifier of a wildcard comes without its first label. */
function recordOf(name: string): string {
  return `_acme-challenge.${name}`;
}
