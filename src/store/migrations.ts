/**
 * The tables, version by version. A version that was released is never changed: what comes later is a further one. The words in
 * braces are types that the databases call differently.
 */

export type Dialect = "sqlite" | "postgres";

export interface Migration {
  /** Statements over what is kept. */
  readonly kept: readonly string[];
  /**
   * Statements over what is online, which is empty whenever they run: SQLite has it in memory. PostgreSQL has it in tables that outlive
   * a crash of the server, as the agents do that stand in them.
   */
  readonly live: readonly string[];
}

/** Ids compare byte by byte everywhere, so that they sort by time; PostgreSQL would ask the language of the database. */
const WORDS: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  sqlite: { ID: "TEXT", BYTES: "BLOB", SEQUENCE: "INTEGER PRIMARY KEY AUTOINCREMENT" },
  postgres: {
    ID: 'TEXT COLLATE "C"',
    BYTES: "BYTEA",
    SEQUENCE: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
  },
};

export function inDialect(statement: string, dialect: Dialect): string {
  return statement.replace(/\{([A-Z]+)\}/g, (whole, word: string) => WORDS[dialect][word] ?? whole);
}

const OWNED = `id {ID} PRIMARY KEY,
  account_id {ID} NOT NULL REFERENCES account (id),
  created_at TEXT NOT NULL,
  description TEXT NOT NULL,
  metadata TEXT NOT NULL`;

const FIRST: Migration = {
  kept: [
    `CREATE TABLE account (
  id {ID} PRIMARY KEY,
  created_at TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  is_disabled BOOLEAN NOT NULL,
  limits TEXT NOT NULL)`,
    `CREATE TABLE credential (${OWNED},
  token_hash TEXT NOT NULL UNIQUE,
  acl TEXT NOT NULL,
  owner_id TEXT)`,
    `CREATE TABLE api_key (${OWNED},
  token_hash TEXT NOT NULL UNIQUE,
  owner_id TEXT)`,
    `CREATE TABLE tls_certificate (${OWNED},
  certificate_pem TEXT NOT NULL,
  sealed_key {BYTES} NOT NULL,
  origin TEXT NOT NULL)`,
    `CREATE TABLE certificate_authority (${OWNED},
  ca_pem TEXT NOT NULL)`,
    `CREATE TABLE reserved_domain (${OWNED},
  domain TEXT NOT NULL UNIQUE,
  region TEXT NOT NULL,
  certificate_id {ID} REFERENCES tls_certificate (id),
  certificate_policy TEXT,
  cname_target TEXT,
  certificate_job TEXT,
  renews_at TEXT)`,
    `CREATE TABLE reserved_addr (${OWNED},
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  region TEXT NOT NULL,
  UNIQUE (host, port))`,
    `CREATE TABLE ip_policy (${OWNED})`,
    `CREATE TABLE ip_policy_rule (${OWNED},
  policy_id {ID} NOT NULL REFERENCES ip_policy (id),
  cidr TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('allow', 'deny')),
  UNIQUE (policy_id, cidr))`,
    `CREATE TABLE ip_restriction (${OWNED},
  type TEXT NOT NULL,
  is_enforced BOOLEAN NOT NULL,
  policy_ids TEXT NOT NULL,
  UNIQUE (account_id, type))`,
    `CREATE TABLE cloud_endpoint (${OWNED},
  url TEXT NOT NULL,
  bindings TEXT NOT NULL,
  traffic_policy TEXT NOT NULL,
  is_pooled BOOLEAN NOT NULL,
  updated_at TEXT NOT NULL)`,
    `CREATE TABLE acme_account (
  id {ID} PRIMARY KEY,
  created_at TEXT NOT NULL,
  directory_url TEXT NOT NULL UNIQUE,
  account_url TEXT NOT NULL,
  sealed_key {BYTES} NOT NULL)`,
    ...[
      "credential",
      "api_key",
      "tls_certificate",
      "certificate_authority",
      "reserved_domain",
      "reserved_addr",
      "ip_policy",
      "ip_policy_rule",
      "ip_restriction",
      "cloud_endpoint",
    ].map((table) => `CREATE INDEX ${table}_of_account ON ${table} (account_id, id)`),
    `CREATE INDEX reserved_domain_of_certificate ON reserved_domain (certificate_id)`,
    `CREATE TABLE audit_entry (
  id {ID} PRIMARY KEY,
  account_id {ID},
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  record_type TEXT NOT NULL,
  record_id {ID} NOT NULL,
  changes TEXT NOT NULL)`,
    `CREATE INDEX audit_entry_of_account ON audit_entry (account_id, id)`,
    `CREATE TABLE change_log (
  seq {SEQUENCE},
  at TEXT NOT NULL,
  record_type TEXT NOT NULL,
  action TEXT NOT NULL,
  record TEXT NOT NULL)`,
    `CREATE TABLE sealed_proof (
  id {ID} PRIMARY KEY,
  sealed {BYTES} NOT NULL)`,
  ],
  live: [
    `CREATE TABLE tunnel_session (
  id {ID} PRIMARY KEY,
  account_id {ID} NOT NULL,
  credential_id {ID} NOT NULL,
  node_id TEXT NOT NULL,
  agent_version TEXT NOT NULL,
  os TEXT NOT NULL,
  ip TEXT NOT NULL,
  metadata TEXT NOT NULL,
  region TEXT NOT NULL,
  started_at TEXT NOT NULL,
  transport TEXT NOT NULL)`,
    `CREATE INDEX tunnel_session_of_account ON tunnel_session (account_id, id)`,
    `CREATE INDEX tunnel_session_of_node ON tunnel_session (node_id)`,
    `CREATE TABLE live_endpoint (
  id {ID} PRIMARY KEY,
  account_id {ID} NOT NULL,
  node_id TEXT NOT NULL,
  session_id {ID} NOT NULL REFERENCES tunnel_session (id) ON DELETE CASCADE,
  credential_id {ID} NOT NULL,
  proto TEXT NOT NULL,
  public_url TEXT NOT NULL,
  url TEXT NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  forwards_to TEXT NOT NULL,
  metadata TEXT NOT NULL,
  description TEXT NOT NULL,
  bindings TEXT NOT NULL,
  name TEXT NOT NULL,
  is_pooled BOOLEAN NOT NULL,
  region TEXT NOT NULL,
  traffic_policy TEXT NOT NULL,
  started_at TEXT NOT NULL,
  domain_id {ID},
  addr_id {ID})`,
    `CREATE INDEX live_endpoint_of_account ON live_endpoint (account_id, id)`,
    `CREATE INDEX live_endpoint_of_session ON live_endpoint (session_id)`,
  ],
};

const ISSUED_CERTIFICATES: Migration = {
  kept: [
    `CREATE TABLE issued_certificate (
  id {ID} PRIMARY KEY,
  created_at TEXT NOT NULL,
  names TEXT NOT NULL UNIQUE,
  certificate_pem TEXT NOT NULL,
  sealed_key {BYTES} NOT NULL)`,
    `CREATE TABLE certificate_order (
  id {ID} PRIMARY KEY,
  created_at TEXT NOT NULL,
  names TEXT NOT NULL UNIQUE,
  not_before TEXT NOT NULL,
  challenges TEXT NOT NULL)`,
  ],
  live: [],
};

/** The schema's version is the number of migrations that have run. */
export const MIGRATIONS: readonly Migration[] = [FIRST, ISSUED_CERTIFICATES];
