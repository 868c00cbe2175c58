/** An agent that is online. `ts_…` Gone with its connection, and with the node that holds it. */
export interface TunnelSession {
  readonly id: string;
  readonly accountId: string;
  readonly credentialId: string;
  readonly nodeId: string;
  readonly agentVersion: string;
  readonly os: string;
  /** The address it came from, as text. */
  readonly ip: string;
  readonly metadata: string;
  readonly region: string;
  readonly startedAt: Date;
  /** As published, `ngrok/2`. */
  readonly transport: string;
}
