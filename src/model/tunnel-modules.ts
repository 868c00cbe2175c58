/** What the edge shall do with the visitors of a tunnel beyond letting them through (reference.md 7.10, 7.11 and 9). */

export interface NameLists {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface HeaderLists {
  /** `name:value`. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Absent: not asked for. The edge checks all of them; what the agent can see to be wrong it refuses before. */
export interface TunnelModules {
  /** Networks. */
  readonly addresses?: NameLists;
  readonly compresses?: true;
  /** The edge ends visitors' WebSockets; the upstream gets the bytes that their binary messages carry, and speaks no HTTP. */
  readonly convertsWebSockets?: true;
  /** Ratio of 5xx, above 0 and up to 1. */
  readonly breakerThreshold?: number;
  readonly requestHeaders?: HeaderLists;
  readonly responseHeaders?: HeaderLists;
  /** Regular expressions. */
  readonly userAgents?: NameLists;
  readonly webhook?: { readonly provider: string; readonly secret: string };
  readonly trafficPolicy?: TrafficPolicySource;
}

/** A document, in YAML or JSON; a path is as written, relative to the working directory. A URL is fetched at the start. */
export type TrafficPolicySource =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "url"; readonly url: string };
