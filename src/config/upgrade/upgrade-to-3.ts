/** From version 2 to version 3 (reference.md 2.6). Tunnels stay tunnels: version 3 takes them, and endpoints cannot say as much. */
import type { EditableMap } from "./editable-yaml.ts";

/** Keys that stay at the top. */
const TOP_KEYS: ReadonlySet<string> = new Set(["version", "tunnels"]);

/** Changes the file in place. Answers what its author should know, a sentence each. */
export function upgradeTo3(file: EditableMap): readonly string[] {
  const notes: string[] = [];
  // Without an edge of one's own a region only ever named one of ngrok's clouds.
  if (file.isSet("region") && !file.isSet("server_addr") && !file.isSet("regions")) {
    notes.push("region is left out: version 3 names the edge with agent.connect_url");
    file.remove("region");
  }
  file.rename("root_cas", "connect_cas");
  file.rename("server_addr", "connect_url");
  const moved = file.keys.filter((key) => !TOP_KEYS.has(key));
  file.gather(moved, "agent", "version");
  file.setFirst("version", "3", "QUOTE_DOUBLE");
  return notes;
}
