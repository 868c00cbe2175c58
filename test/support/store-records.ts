/** Records as a store gets them. */
import { newId } from "../../src/base/record-id.ts";
import { hashToken } from "../../src/model/access-token.ts";
import { type Account, NO_LIMITS } from "../../src/model/records/account.ts";
import type { Actor } from "../../src/model/records/audit-entry.ts";
import type { Credential } from "../../src/model/records/credential.ts";
import type { LiveEndpoint } from "../../src/model/records/live-endpoint.ts";
import type { Owned } from "../../src/model/records/record.ts";
import { ID_PREFIXES, type Records, type RecordType } from "../../src/model/records/records.ts";
import type { ReservedDomain } from "../../src/model/records/reserved-domain.ts";
import type { TunnelSession } from "../../src/model/records/tunnel-session.ts";

export const OPERATOR: Actor = { kind: "operator", id: "test" };

/** Moves on by a second each time, so that records list in the order in which they were made. */
let latestMs = Date.parse("2026-11-23T12:00:00.123Z");

function nextDate(): Date {
  latestMs += 1000;
  return new Date(latestMs);
}

export function anAccount(changes: Partial<Account> = {}): Account {
  const createdAt = nextDate();
  const id = newId("acct", createdAt);
  return { id, createdAt, name: `of ${id}`, isDisabled: false, limits: NO_LIMITS, ...changes };
}

function owned(type: RecordType, accountId: string): Owned {
  const createdAt = nextDate();
  return { id: newId(ID_PREFIXES[type], createdAt), accountId, createdAt, description: "", metadata: "" };
}

export function aCredential(accountId: string, changes: Partial<Credential> = {}): Credential {
  const record = owned("credential", accountId);
  return { ...record, tokenHash: hashToken(record.id), acl: [], ownerId: undefined, ...changes };
}

export function aDomain(accountId: string, changes: Partial<ReservedDomain> = {}): ReservedDomain {
  const record = owned("reservedDomain", accountId);
  return {
    ...record,
    domain: `${record.id.toLowerCase().replace("_", "-")}.example.com`,
    region: "",
    certificateId: undefined,
    certificatePolicy: undefined,
    cnameTarget: undefined,
    certificateJob: undefined,
    renewsAt: undefined,
    ...changes,
  };
}

/** One of each kind, every field filled in, in an order in which they can be inserted. */
export function oneOfEach(): { readonly [T in RecordType]: Records[T] } {
  const account = anAccount({ isDisabled: true, limits: { ...NO_LIMITS, sessions: 3, bytesPerSecond: 2 ** 40 } });
  const of = (type: RecordType): Owned => ({
    ...owned(type, account.id),
    description: 'it\'s "described" 🙂',
    metadata: '{"a":1}',
  });
  const ipPolicy = of("ipPolicy");
  const tlsCertificate = {
    ...of("tlsCertificate"),
    certificatePem: "-----BEGIN CERTIFICATE-----\n",
    sealedKey: Uint8Array.of(0, 1, 254, 255),
    origin: "acme",
  } as const;
  return {
    account,
    credential: aCredential(account.id, { acl: ["bind:*.example.com", "bind:x"], ownerId: "usr_1" }),
    apiKey: { ...of("apiKey"), tokenHash: hashToken("key"), ownerId: "usr_2" },
    tlsCertificate,
    reservedDomain: aDomain(account.id, {
      domain: "*.example.com",
      region: "eu",
      certificateId: tlsCertificate.id,
      certificatePolicy: { authority: "letsencrypt", privateKeyType: "ecdsa" },
      cnameTarget: "x.cname.edge.test",
      certificateJob: { errorCode: "E", message: "m", startedAt: nextDate(), retriesAt: nextDate() },
      renewsAt: nextDate(),
    }),
    reservedAddr: { ...of("reservedAddr"), host: "edge.test", port: 65_535, region: "us" },
    ipPolicy,
    ipPolicyRule: { ...of("ipPolicyRule"), policyId: ipPolicy.id, cidr: "2001:db8::/32", action: "deny" },
    ipRestriction: { ...of("ipRestriction"), type: "agent", isEnforced: true, policyIds: [ipPolicy.id] },
    certificateAuthority: { ...of("certificateAuthority"), caPem: "-----BEGIN CERTIFICATE-----\n" },
    cloudEndpoint: {
      ...of("cloudEndpoint"),
      url: "https://cloud.edge.test",
      bindings: ["public"],
      trafficPolicy: "on_http_request: [{actions: [{type: basic-auth, config: {credentials: [hidden:from-the-log]}}]}]",
      isPooled: true,
      updatedAt: nextDate(),
    },
    acmeAccount: {
      id: newId("acme", nextDate()),
      createdAt: nextDate(),
      directoryUrl: "https://acme.test/directory",
      accountUrl: "https://acme.test/account/1",
      sealedKey: Uint8Array.of(7),
    },
    issuedCertificate: {
      id: newId("icert", nextDate()),
      createdAt: nextDate(),
      names: "*.e.test e.test",
      certificatePem: "-----BEGIN CERTIFICATE-----\n",
      sealedKey: Uint8Array.of(8),
    },
    certificateOrder: {
      id: newId("ord", nextDate()),
      createdAt: nextDate(),
      names: "a.e.test",
      notBefore: nextDate(),
      challenges: [{ type: "http-01", name: "a.e.test", token: "t", keyAuthorization: "t.k" }],
    },
  };
}

export function aSession(accountId: string, nodeId = "node-1"): TunnelSession {
  const startedAt = nextDate();
  return {
    id: newId("ts", startedAt),
    accountId,
    credentialId: "cr_1",
    nodeId,
    agentVersion: "3.30.0",
    os: "linux",
    ip: "192.0.2.1",
    metadata: "",
    region: "us",
    startedAt,
    transport: "ngrok/2",
  };
}

export function anEndpoint(session: TunnelSession): LiveEndpoint {
  const startedAt = nextDate();
  return {
    id: newId("ep", startedAt),
    accountId: session.accountId,
    nodeId: session.nodeId,
    sessionId: session.id,
    credentialId: session.credentialId,
    proto: "https",
    publicUrl: "https://a.edge.test",
    url: "https://a.edge.test",
    host: "a.edge.test",
    port: 443,
    forwardsTo: "http://localhost:80",
    metadata: "",
    description: "",
    bindings: ["public"],
    name: "command_line",
    isPooled: false,
    region: "us",
    trafficPolicy: "",
    startedAt,
    domainId: undefined,
    addrId: "ra_1",
  };
}
