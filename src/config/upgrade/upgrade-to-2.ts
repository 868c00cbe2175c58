/** From version 1 to version 2 (reference.md 2.6, clients.md K-056). */
import { fieldsOfVersion2 } from "../agent-fields.ts";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "../tunnel-reader.ts";
import { looseTunnelFields, misplacedKeys, strictTunnelFields } from "../tunnel-fields.ts";
import type { YamlValue } from "../yaml-source.ts";
import type { EditableMap } from "./editable-yaml.ts";

/** Which of several proxies counted in version 1, first of all. */
const PROXY_KEYS = ["proxy_url", "http_proxy", "socks5_proxy"] as const;
const SCHEMES_OF_BIND_TLS: Readonly<Record<string, readonly string[]>> = {
  true: ["https"],
  false: ["http"],
  both: ["http", "https"],
};
/** What version 2 takes without asking when nothing names an edge. */
const FIRST_REGION = "us";

export interface UpgradeTo2 {
  /** The plain values of the file's tunnels. */
  readonly tunnels: YamlValue;
  /** False on the way to version 3, which has no regions. */
  readonly namesRegion: boolean;
}

/** Changes the file in place. Answers what its author should know, a sentence each. */
export function upgradeTo2(file: EditableMap, { tunnels, namesRegion }: UpgradeTo2): readonly string[] {
  keepLogSilent(file);
  if (namesRegion) nameRegion(file);
  const notes = [
    "without a choice of schemes, 'http' on the command line opens https alone from now on; --scheme chooses",
    ...upgradeProxy(file),
    ...upgradeUpdate(file),
    ...removeUnknown(file, Object.keys(fieldsOfVersion2.shape), ""),
  ];
  const definitions = file.map("tunnels");
  for (const name of definitions?.keys ?? []) {
    const tunnel = definitions?.map(name);
    if (tunnel !== undefined) notes.push(...upgradeTunnel(tunnel, memberOf(tunnels, name), `tunnel "${name}": `));
  }
  file.setFirst("version", "2", "QUOTE_DOUBLE");
  return notes;
}

function upgradeProxy(file: EditableMap): readonly string[] {
  const named = PROXY_KEYS.filter((key) => (file.text(key) ?? "false") !== "false");
  const [winner, ...others] = named;
  for (const key of PROXY_KEYS) if (key !== winner) file.remove(key);
  if (winner !== undefined) file.rename(winner, "proxy_url");
  return others.map((key) => `${key} is left out: ${winner} went before it`);
}

function upgradeUpdate(file: EditableMap): readonly string[] {
  const value = file.text("update");
  if (value === undefined || file.isSet("update_check")) {
    file.remove("update");
    return [];
  }
  file.rename("update", "update_check");
  return value.toLowerCase() === "true"
    ? ["update installed new versions unasked; update_check only looks for them"]
    : [];
}

/** From version 2 on an agent without a console screen logs to standard output, unless told otherwise. */
function keepLogSilent(file: EditableMap): void {
  if (file.text("console_ui") === "false" && !file.isSet("log")) file.setFirst("log", "false");
}

/** A file of ngrok's lives in one of its clouds. One that names its edge has no region unless it says so. */
function nameRegion(file: EditableMap): void {
  if (!file.isSet("region") && !file.isSet("server_addr") && !file.isSet("regions"))
    file.setFirst("region", FIRST_REGION);
}

function upgradeTunnel(tunnel: EditableMap, value: YamlValue, where: string): readonly string[] {
  const notes = [...removeUnknown(tunnel, Object.keys(strictTunnelFields.shape), where)];
  const { data: fields } = looseTunnelFields.safeParse(value);
  // What was faulty stays so, to the letter: it is told when that tunnel is started.
  if (fields?.proto === undefined) return notes;
  const refused = misplacedKeys(fields, fields.proto, false);
  for (const key of misplacedKeys(fields, fields.proto, true).filter((each) => !refused.includes(each))) {
    tunnel.remove(key);
    notes.push(`${where}${key} is left out: it has no effect on ${fields.proto} tunnels`);
  }
  if (tunnel.isSet("mutual_tls_cas")) tunnel.remove("client_cas");
  tunnel.rename("client_cas", "mutual_tls_cas");
  if (fields.proto !== "http") return notes;
  upgradeSchemes(tunnel);
  return [...notes, ...upgradeAuth(tunnel, where)];
}

function upgradeSchemes(tunnel: EditableMap): void {
  const chosen = SCHEMES_OF_BIND_TLS[tunnel.text("bind_tls") ?? "both"];
  if (chosen === undefined) return;
  const isOpen = (tunnel.texts("schemes") ?? []).length === 0;
  // A URL brings its scheme with it.
  if (isOpen && (tunnel.isSet("bind_tls") || !tunnel.isSet("url"))) tunnel.set("schemes", chosen);
  tunnel.remove("bind_tls");
}

function upgradeAuth(tunnel: EditableMap, where: string): readonly string[] {
  const auth = tunnel.text("auth");
  if (auth === undefined) {
    tunnel.remove("auth");
    return [];
  }
  const passwordLength = auth.length - auth.indexOf(":") - 1;
  if (passwordLength < MIN_PASSWORD_LENGTH || passwordLength > MAX_PASSWORD_LENGTH) {
    const limits = `${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH}`;
    return [`${where}auth stays: basic_auth takes passwords of ${limits} characters, and this one has another length`];
  }
  tunnel.set("basic_auth", [auth, ...(tunnel.texts("basic_auth") ?? [])], "QUOTE_DOUBLE");
  tunnel.remove("auth");
  return [];
}

/** Version 1 passed over unknown keys, later ones refuse them. */
function removeUnknown(map: EditableMap, known: readonly string[], where: string): readonly string[] {
  const unknown = map.keys.filter((key) => !known.includes(key));
  for (const key of unknown) map.remove(key);
  return unknown.map((key) => `${where}${key} is left out: it has no effect`);
}

function memberOf(value: YamlValue, name: string): YamlValue {
  if (value === null || typeof value !== "object") return null;
  return new Map<string, YamlValue>(Object.entries(value)).get(name) ?? null;
}
