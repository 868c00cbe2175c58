/** Commands that work on the records of an edge, whether it runs or not. */
import { type CommandTable, NO_ARGUMENT } from "../command-spec.ts";
import { EDGE_COMMON_FLAGS, EDGE_FLAGS } from "../edge/flags.ts";

const STORE_FLAGS = {
  data: EDGE_FLAGS.data,
  store: EDGE_FLAGS.store,
  "secrets-key-file": EDGE_FLAGS["secrets-key-file"],
  "secrets-key": EDGE_FLAGS["secrets-key"],
};

const SAME_STORE =
  "Works on the records of the edge whose configuration it is given (--config, --data or --store), while that edge runs or not; run it as the " +
  "edge's user. A change takes effect within a second.";

const ACCOUNT_FLAG = { type: "string", value: "ACCOUNT", help: "name or id of the account" } as const;
const DESCRIPTION_FLAG = { type: "string", value: "TEXT", help: "for people" } as const;
const ACCOUNT = { count: "one", name: "ACCOUNT" } as const;
const ID = { count: "one", name: "ID" } as const;

const LIMIT_FLAGS = {
  sessions: { type: "string", value: "N", help: "agents at a time, or none for no limit" },
  endpoints: { type: "string", value: "N", help: "endpoints at a time, or none" },
  "reserved-domains": { type: "string", value: "N", help: "reserved domains, or none" },
  "reserved-addrs": { type: "string", value: "N", help: "reserved TCP addresses, or none" },
  "connections-per-second": { type: "string", value: "N", help: "connections of visitors, or none" },
  "bytes-per-second": { type: "string", value: "SIZE", help: "from and to visitors together, such as 1MB, or none" },
} as const;

function group<const S extends string>(summary: S, line: string, effect: string) {
  return {
    kind: "group",
    summary,
    description: SAME_STORE,
    argument: NO_ARGUMENT,
    examples: [{ line, effect }],
    flags: {},
    commonFlags: EDGE_COMMON_FLAGS,
  } as const;
}

export const EDGE_ADMIN_COMMANDS = {
  "edge admin": group(
    "accounts, authtokens, API keys and IP restrictions",
    "edge admin account create --name=team",
    "an account for a team",
  ),
  "edge admin account": group("accounts of an edge", "edge admin account list", "who has an account"),
  "edge admin account create": {
    kind: "runs",
    summary: "make an account",
    description: `Prints the id of the new account. Make an authtoken and an API key for it next. ${SAME_STORE}`,
    argument: NO_ARGUMENT,
    examples: [
      { line: "edge admin account create --name=team", effect: "without limits" },
      { line: "edge admin account create --name=guests --sessions=2 --endpoints=5", effect: "with limits" },
    ],
    flags: {
      name: { type: "string", value: "NAME", help: "for people; no two accounts share one" },
      ...LIMIT_FLAGS,
      ...STORE_FLAGS,
    },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin account list": {
    kind: "runs",
    summary: "list accounts with their limits",
    description: SAME_STORE,
    argument: NO_ARGUMENT,
    examples: [{ line: "edge admin account list --data=/var/lib/ginnel", effect: "the newest first" }],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin account disable": {
    kind: "runs",
    summary: "let nobody of an account in",
    description: `Its agents are sent away, and its authtokens and API keys let nobody in until it is enabled. ${SAME_STORE}`,
    argument: ACCOUNT,
    examples: [{ line: "edge admin account disable guests", effect: "and send its agents away" }],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin account enable": {
    kind: "runs",
    summary: "let an account in again",
    description: SAME_STORE,
    argument: ACCOUNT,
    examples: [{ line: "edge admin account enable guests", effect: "its authtokens and API keys work again" }],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin account limit": {
    kind: "runs",
    summary: "set limits of an account",
    description: `Limits that are not given stay. Agents and endpoints that are online stay online. ${SAME_STORE}`,
    argument: ACCOUNT,
    examples: [
      { line: "edge admin account limit guests --sessions=2 --bytes-per-second=1MB", effect: "two agents, 1 MB/s" },
      { line: "edge admin account limit guests --sessions=none", effect: "as many agents as they like" },
    ],
    flags: { ...LIMIT_FLAGS, ...STORE_FLAGS },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin account delete": {
    kind: "runs",
    summary: "delete an account that is disabled, and everything it has",
    description:
      "Its authtokens, API keys, names, addresses, certificates and policies go with it, and cannot be brought back. An account that " +
      `is enabled is refused: disable it first. ${SAME_STORE}`,
    argument: ACCOUNT,
    examples: [{ line: "edge admin account delete guests", effect: "its name and its addresses are free for others" }],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin authtoken": group(
    "authtokens of agents",
    "edge admin authtoken create --account=team",
    "a token for a team",
  ),
  "edge admin authtoken create": {
    kind: "runs",
    summary: "make an authtoken, and print it this once",
    description: `An agent comes in with it. Only its hash is kept. ${SAME_STORE}`,
    argument: NO_ARGUMENT,
    examples: [
      { line: "edge admin authtoken create --account=team", effect: "for everything the account may bind" },
      {
        line: "edge admin authtoken create --account=team --acl='bind:*.example.org'",
        effect: "for these names alone; --acl may be repeated",
      },
    ],
    flags: {
      account: ACCOUNT_FLAG,
      acl: {
        type: "list",
        value: "RULE",
        help: "what its agents may bind: bind:HOST, bind:*.DOMAIN, bind:HOST:PORT or * (repeatable; none: everything)",
      },
      description: DESCRIPTION_FLAG,
      ...STORE_FLAGS,
    },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin authtoken list": {
    kind: "runs",
    summary: "list authtokens, without the tokens",
    description: `Those of the configuration are not among them. ${SAME_STORE}`,
    argument: NO_ARGUMENT,
    examples: [{ line: "edge admin authtoken list --account=team", effect: "those of one account" }],
    flags: { account: ACCOUNT_FLAG, ...STORE_FLAGS },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin authtoken delete": {
    kind: "runs",
    summary: "revoke an authtoken",
    description: `Agents that came in with it are sent away. ${SAME_STORE}`,
    argument: ID,
    examples: [
      { line: "edge admin authtoken delete cr_2bDPTBTuUFWrgGMCmIJEzCrHGRe", effect: "by its id, from the list" },
    ],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin api-key": group(
    "keys to the management API",
    "edge admin api-key create --account=team",
    "a key for a team",
  ),
  "edge admin api-key create": {
    kind: "runs",
    summary: "make an API key, and print it this once",
    description: `A program calls the management API with it, and people sign in at the dashboard. Only its hash is kept. ${SAME_STORE}`,
    argument: NO_ARGUMENT,
    examples: [{ line: "edge admin api-key create --account=operator", effect: "when the first one was lost" }],
    flags: { account: ACCOUNT_FLAG, description: DESCRIPTION_FLAG, ...STORE_FLAGS },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin api-key list": {
    kind: "runs",
    summary: "list API keys, without the keys",
    description: SAME_STORE,
    argument: NO_ARGUMENT,
    examples: [{ line: "edge admin api-key list", effect: "those of all accounts" }],
    flags: { account: ACCOUNT_FLAG, ...STORE_FLAGS },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin api-key delete": {
    kind: "runs",
    summary: "revoke an API key",
    description: SAME_STORE,
    argument: ID,
    examples: [
      { line: "edge admin api-key delete ak_2bDPTBTuUFWrgGMCmIJEzCrHGRe", effect: "by its id, from the list" },
    ],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin ip-restriction": group(
    "from where accounts may be used",
    "edge admin ip-restriction list --account=team",
    "what keeps the team out",
  ),
  "edge admin ip-restriction list": {
    kind: "runs",
    summary: "list IP restrictions with their policies",
    description: SAME_STORE,
    argument: NO_ARGUMENT,
    examples: [{ line: "edge admin ip-restriction list --account=team", effect: "those of one account" }],
    flags: { account: ACCOUNT_FLAG, ...STORE_FLAGS },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge admin ip-restriction delete": {
    kind: "runs",
    summary: "delete an IP restriction",
    description: `For accounts that have locked themselves out. Their IP policies stay. ${SAME_STORE}`,
    argument: ID,
    examples: [
      { line: "edge admin ip-restriction delete ipx_2bDPTBTuUFWrgGMCmIJEzCrHGRe", effect: "by its id, from the list" },
    ],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge backup": {
    kind: "runs",
    summary: "copy the records of an edge into a file",
    description:
      "Writes a consistent copy of the database, readable for this user alone, while the edge runs or not. The key that private keys " +
      "are sealed with is not in it: keep that apart. A PostgreSQL server has pg_dump in place of this.",
    argument: { count: "one", name: "FILE" },
    examples: [
      { line: "edge backup --data=/var/lib/ginnel /backup/ginnel.db", effect: "into a file that is not there yet" },
    ],
    flags: STORE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
} as const satisfies CommandTable;
