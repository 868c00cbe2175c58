/** What the agents of a credential may bind (reference.md 7.15). Knows names and addresses; knows no reservations. */
import { PublicError } from "../base/errors.ts";
import { type HostPort, parseHostPort } from "../base/host-port.ts";
import { isWildcardName, parseEndpointName } from "./endpoint-name.ts";

const BIND = "bind:";

type AclRule =
  | { readonly kind: "everything" }
  /** Lower case. A wildcard covers itself and every name below it, wildcards too. */
  | { readonly kind: "name"; readonly name: string }
  | ({ readonly kind: "address" } & HostPort);

/** The rules of one credential. Never changes. */
export class Acl {
  /** Allows everything. */
  static readonly none = new Acl([]);
  readonly #isRestricted: boolean;
  readonly #names: readonly string[];
  readonly #addresses: readonly HostPort[];

  /** Without any rule everything may be bound. A rule that cannot be read allows nothing, and restricts all the same. */
  constructor(texts: readonly string[]) {
    const rules = texts.map(ruleOf);
    this.#isRestricted = rules.length > 0 && !rules.some((rule) => rule?.kind === "everything");
    this.#names = rules.flatMap((rule) => (rule?.kind === "name" ? [rule.name] : []));
    this.#addresses = rules.flatMap((rule) => (rule?.kind === "address" ? [rule] : []));
  }

  /** A host name or wildcard, lower case and valid. @throws PublicError 316 */
  checkName(domain: string): void {
    if (this.#isRestricted && !this.#names.some((name) => covers(name, domain)))
      throw new PublicError("ERR_NGROK_316", { domain });
  }

  /** A TCP address, its host in lower case. @throws PublicError 308 */
  checkAddress({ host, port }: HostPort): void {
    if (this.#isRestricted && !this.#addresses.some((address) => address.host === host && address.port === port))
      throw new PublicError("ERR_NGROK_308", { address: `${host}:${port}` });
  }

  /** Whichever TCP address is free; a rule can only name one. @throws PublicError 356 */
  checkRandomAddress(): void {
    if (this.#isRestricted) throw new PublicError("ERR_NGROK_356", {});
  }
}

/** For whoever takes a rule in: answers it in the form in which it is kept. @throws PublicError 600 when it is none */
export function parseAclRule(text: string): string {
  if (ruleOf(text) === undefined) throw new PublicError("ERR_NGROK_600", { rule: text });
  return text.toLowerCase();
}

function ruleOf(text: string): AclRule | undefined {
  if (text === "*") return { kind: "everything" };
  const rule = text.toLowerCase();
  if (!rule.startsWith(BIND)) return undefined;
  const what = rule.slice(BIND.length);
  const address = what.includes(":") ? parseHostPort(what) : undefined;
  if (address !== undefined) return address.host === "" ? undefined : { kind: "address", ...address };
  return isName(what) ? { kind: "name", name: what } : undefined;
}

function isName(text: string): boolean {
  try {
    return parseEndpointName(text) === text;
  } catch (error) {
    if (error instanceof PublicError) return false;
    throw error;
  }
}

function covers(rule: string, domain: string): boolean {
  return rule === domain || (isWildcardName(rule) && domain.endsWith(rule.slice(1)));
}
