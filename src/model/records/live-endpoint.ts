/** An endpoint that an agent has online. `ep_…`; its tunnel is `tn_` with the same suffix. Gone with its session. */
export interface LiveEndpoint {
  readonly id: string;
  readonly accountId: string;
  readonly nodeId: string;
  readonly sessionId: string;
  readonly credentialId: string;
  readonly proto: string;
  readonly publicUrl: string;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly forwardsTo: string;
  readonly metadata: string;
  readonly description: string;
  readonly bindings: readonly string[];
  readonly name: string;
  readonly isPooled: boolean;
  readonly region: string;
  readonly trafficPolicy: string;
  readonly startedAt: Date;
  /** The reservation that its name comes from. */
  readonly domainId: string | undefined;
  /** The reservation that its TCP address comes from. */
  readonly addrId: string | undefined;
}

/** The id of the tunnel that an endpoint is the public side of (reference.md 8.2). */
export function tunnelIdOf(endpointId: string): string {
  return endpointId.replace(/^ep_/, "tn_");
}
