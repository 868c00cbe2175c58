/** What has passed at one endpoint since it came online. */
export interface EndpointTraffic {
  readonly endpointId: string;
  readonly url: string;
  /** Of HTTP; of other endpoints 0. */
  readonly requests: number;
  /** Connections that came for it, and those that are still there. */
  readonly visitors: number;
  readonly visitorsOpen: number;
  /** To its agent. */
  readonly bytesIn: number;
  /** From its agent. */
  readonly bytesOut: number;
}
