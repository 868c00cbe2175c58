/** The table of each kind of record: which column holds which field. The columns themselves are made in `migrations.ts`. */
import type { AccountLimits } from "../model/records/account.ts";
import type { AuditEntry } from "../model/records/audit-entry.ts";
import type { IpPolicyRule } from "../model/records/ip-policy-rule.ts";
import type { IpRestriction } from "../model/records/ip-restriction.ts";
import type { LiveEndpoint } from "../model/records/live-endpoint.ts";
import type { Records, RecordType } from "../model/records/records.ts";
import type { CertificateOrder } from "../model/records/certificate-order.ts";
import type { CertificateJob, CertificatePolicy } from "../model/records/reserved-domain.ts";
import type { TlsCertificate } from "../model/records/tls-certificate.ts";
import type { TunnelSession } from "../model/records/tunnel-session.ts";
import { bytes, flag, json, limit, optional, pem, secret, text, time, whole, word } from "./column.ts";
import { Table } from "./table.ts";

/** Of every record that an account owns. */
const OWNED = { id: text, accountId: text, createdAt: time, description: text, metadata: text };
const TO_ACCOUNT = { field: "accountId", to: "account", onRemove: "refuse" } as const;

/** One that an older version did not know is none. */
const accountLimits = json<AccountLimits>((parsed: Partial<Record<keyof AccountLimits, number | null>>) => ({
  sessions: limit.decode(parsed.sessions ?? null),
  endpoints: limit.decode(parsed.endpoints ?? null),
  reservedDomains: limit.decode(parsed.reservedDomains ?? null),
  reservedAddrs: limit.decode(parsed.reservedAddrs ?? null),
  connectionsPerSecond: limit.decode(parsed.connectionsPerSecond ?? null),
  bytesPerSecond: limit.decode(parsed.bytesPerSecond ?? null),
}));

const certificateJob = json<CertificateJob>((parsed: Record<keyof CertificateJob, string | undefined>) => ({
  errorCode: text.decode(parsed.errorCode),
  message: text.decode(parsed.message),
  startedAt: time.decode(parsed.startedAt),
  retriesAt: optional(time).decode(parsed.retriesAt),
}));

export const TABLES: { readonly [T in RecordType]: Table<Records[T]> } = {
  account: new Table({
    name: "account",
    columns: { id: text, createdAt: time, name: text, isDisabled: flag, limits: accountLimits },
    unique: [["name"]],
  }),
  credential: new Table({
    name: "credential",
    columns: { ...OWNED, tokenHash: secret(text), acl: json<readonly string[]>(), ownerId: optional(text) },
    unique: [["tokenHash"]],
    references: [TO_ACCOUNT],
  }),
  apiKey: new Table({
    name: "api_key",
    columns: { ...OWNED, tokenHash: secret(text), ownerId: optional(text) },
    unique: [["tokenHash"]],
    references: [TO_ACCOUNT],
  }),
  reservedDomain: new Table({
    name: "reserved_domain",
    columns: {
      ...OWNED,
      domain: text,
      region: text,
      certificateId: optional(text),
      certificatePolicy: optional(json<CertificatePolicy>()),
      cnameTarget: optional(text),
      certificateJob: optional(certificateJob),
      renewsAt: optional(time),
    },
    unique: [["domain"]],
    references: [TO_ACCOUNT, { field: "certificateId", to: "tlsCertificate", onRemove: "clear" }],
  }),
  reservedAddr: new Table({
    name: "reserved_addr",
    columns: { ...OWNED, host: text, port: whole, region: text },
    unique: [["host", "port"]],
    references: [TO_ACCOUNT],
  }),
  ipPolicy: new Table({ name: "ip_policy", columns: OWNED, references: [TO_ACCOUNT] }),
  ipPolicyRule: new Table({
    name: "ip_policy_rule",
    columns: { ...OWNED, policyId: text, cidr: text, action: word<IpPolicyRule["action"]>() },
    unique: [["policyId", "cidr"]],
    references: [TO_ACCOUNT, { field: "policyId", to: "ipPolicy", onRemove: "remove" }],
  }),
  ipRestriction: new Table({
    name: "ip_restriction",
    columns: { ...OWNED, type: word<IpRestriction["type"]>(), isEnforced: flag, policyIds: json<readonly string[]>() },
    unique: [["accountId", "type"]],
    references: [TO_ACCOUNT, { field: "policyIds", to: "ipPolicy", isList: true, onRemove: "refuse" }],
  }),
  tlsCertificate: new Table({
    name: "tls_certificate",
    columns: { ...OWNED, certificatePem: pem, sealedKey: secret(bytes), origin: word<TlsCertificate["origin"]>() },
    references: [TO_ACCOUNT],
  }),
  certificateAuthority: new Table({
    name: "certificate_authority",
    columns: { ...OWNED, caPem: pem },
    references: [TO_ACCOUNT],
  }),
  cloudEndpoint: new Table({
    name: "cloud_endpoint",
    columns: {
      ...OWNED,
      url: text,
      bindings: json<readonly string[]>(),
      trafficPolicy: secret(text),
      isPooled: flag,
      updatedAt: time,
    },
    references: [TO_ACCOUNT],
  }),
  acmeAccount: new Table({
    name: "acme_account",
    columns: { id: text, createdAt: time, directoryUrl: text, accountUrl: text, sealedKey: secret(bytes) },
    unique: [["directoryUrl"]],
  }),
  issuedCertificate: new Table({
    name: "issued_certificate",
    columns: { id: text, createdAt: time, names: text, certificatePem: pem, sealedKey: secret(bytes) },
    unique: [["names"]],
  }),
  certificateOrder: new Table({
    name: "certificate_order",
    columns: {
      id: text,
      createdAt: time,
      names: text,
      notBefore: time,
      challenges: secret(json<CertificateOrder["challenges"]>()),
    },
    unique: [["names"]],
  }),
};

export const RECORD_TYPES = Object.keys(TABLES) as readonly RecordType[]; // the keys of that very table

export const AUDIT_TABLE = new Table<AuditEntry>({
  name: "audit_entry",
  columns: {
    id: text,
    accountId: optional(text),
    at: time,
    actor: json<AuditEntry["actor"]>(),
    action: word<AuditEntry["action"]>(),
    recordType: text,
    recordId: text,
    changes: json<AuditEntry["changes"]>(),
  },
});

export const SESSION_TABLE = new Table<TunnelSession>({
  name: "tunnel_session",
  columns: {
    id: text,
    accountId: text,
    credentialId: text,
    nodeId: text,
    agentVersion: text,
    os: text,
    ip: text,
    metadata: text,
    region: text,
    startedAt: time,
    transport: text,
  },
});

export const ENDPOINT_TABLE = new Table<LiveEndpoint>({
  name: "live_endpoint",
  columns: {
    id: text,
    accountId: text,
    nodeId: text,
    sessionId: text,
    credentialId: text,
    proto: text,
    publicUrl: text,
    url: text,
    host: text,
    port: whole,
    forwardsTo: text,
    metadata: text,
    description: text,
    bindings: json<readonly string[]>(),
    name: text,
    isPooled: flag,
    region: text,
    trafficPolicy: text,
    startedAt: time,
    domainId: optional(text),
    addrId: optional(text),
  },
});
