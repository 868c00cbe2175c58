/**
 * Where the operator's DNS hook may write: it holds credentials for zones in which the operator has more than this edge, and accounts
 * can name any domain they like.
 */
export class DnsZones {
  readonly #zones: readonly string[];
  readonly #names: readonly string[];

  /**
   * `zones`: domains, each with everything below; those of the edge, and those that the operator gives to accounts. `names`: names and
   * wildcards of the configuration; a wildcard with everything below. Lower case.
   */
  constructor(zones: readonly string[], names: readonly string[]) {
    this.#zones = [...zones, ...names.filter(isWildcard).map(bareOf)];
    this.#names = names;
  }

  /** Whether a name, or a wildcard by its first label less, may be proved there. */
  holds(name: string): boolean {
    const bare = bareOf(name);
    return this.#names.includes(name) || this.#zones.some((zone) => bare === zone || bare.endsWith(`.${zone}`));
  }
}

function isWildcard(name: string): boolean {
  return name.startsWith("*.");
}

function bareOf(name: string): string {
  return name.replace(/^\*\./, "");
}
