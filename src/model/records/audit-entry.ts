/** Who asked for a change. */
export interface Actor {
  readonly kind: "apiKey" | "dashboard" | "operator" | "system";
  /** Of the API key; for others what tells them apart, such as the name of the node or of the command. */
  readonly id: string;
}

/** One change of one record, kept for good. `au_…` */
export interface AuditEntry {
  readonly id: string;
  /** Of the record's account; `undefined` for records of the edge itself. Stays when the account goes. */
  readonly accountId: string | undefined;
  readonly at: Date;
  readonly actor: Actor;
  readonly action: "created" | "updated" | "deleted";
  readonly recordType: string;
  readonly recordId: string;
  /** By field: what it was and what it became, as JSON values, `null` for none. Of secrets only that they changed. */
  readonly changes: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
}
