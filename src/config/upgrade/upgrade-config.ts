/**
 * A configuration file in a later version (reference.md 2.6). This folder knows texts and versions; it knows nothing of disks.
 * What comes out is read back and held against what went in, so that an upgrade never changes what an agent does unsaid.
 */
import { UsageError } from "../../base/errors.ts";
import { readAgentFile, versionOf } from "../agent-file.ts";
import type { ConfigVersion } from "../agent-settings.ts";
import { blameFile, readSource } from "../config-problem.ts";
import type { YamlValue } from "../yaml-source.ts";
import { EditableYaml } from "./editable-yaml.ts";
import { changedMeanings } from "./same-meaning.ts";
import { upgradeTo2 } from "./upgrade-to-2.ts";
import { upgradeTo3 } from "./upgrade-to-3.ts";

export const NEWEST_VERSION: ConfigVersion = 3;

export interface UpgradedText {
  readonly from: ConfigVersion;
  /** The same as `from` when nothing was to do. */
  readonly to: ConfigVersion;
  readonly text: string;
  /** What the author should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * `target`: the version wanted; without it one step further, from 1 to 2 and from 2 to 3, as wrappers expect (clients.md X-03).
 * @throws UsageError naming `file`, when it is faulty, of a later version already, or cannot be said in the other version
 */
export function upgradeConfig(file: string, text: string, target: ConfigVersion | undefined): UpgradedText {
  const before = readAgentFile(file, text);
  const source = readSource(file, text);
  const from = versionOf(source.value, blameFile(file, source));
  const to = target ?? nextVersion(from);
  if (to < from) {
    throw new UsageError(
      `'${file}' is of version ${from}, and an upgrade does not go back to version ${to}; take the backup that was kept beside it`,
    );
  }
  if (to === from) return { from, to, text, notes: [] };
  const yaml = new EditableYaml(text, source.value);
  const notes = yaml.isExpanded ? ["anchors, merge keys and tags were written out, which cost the comments"] : [];
  yaml.keepHeading();
  if (from === 1) notes.push(...upgradeTo2(yaml.root, { tunnels: tunnelsOf(source.value), namesRegion: to === 2 }));
  if (to === 3) notes.push(...upgradeTo3(yaml.root));
  const after = yaml.toString();
  const changed = changedMeanings(before, readAgentFile(file, after));
  if (changed.length === 0) return { from, to, text: after, notes };
  throw new UsageError(
    `'${file}' cannot be upgraded: ${changed.join(", ")} would mean something else in version ${to}; please edit the file by hand`,
  );
}

function nextVersion(from: ConfigVersion): ConfigVersion {
  return from === 1 ? 2 : NEWEST_VERSION;
}

function tunnelsOf(value: YamlValue): YamlValue {
  return value !== null && typeof value === "object" && "tunnels" in value ? value.tunnels : null;
}
