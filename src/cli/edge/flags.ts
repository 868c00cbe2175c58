/** The settings of an edge as flags: the table that its file and environment have too, seen from the command line. */
import { EDGE_SETTINGS, type EdgeSetting, type EdgeSettingName } from "../../config/edge-settings.ts";
import type { CommandSpec } from "../command-spec.ts";
import type { FlagSpec } from "../flag-spec.ts";

/** Every one a list: a setting that may be given only once says so itself when its texts are read. */
interface EdgeFlag extends FlagSpec {
  readonly type: "list";
}

export const EDGE_FLAGS = Object.fromEntries(
  Object.entries<EdgeSetting<unknown>>(EDGE_SETTINGS).map(([name, setting]) => [name, flagOf(setting)]),
) as Readonly<Record<EdgeSettingName, EdgeFlag>>; // the keys are those of the table

/** What commands of the edge have in common with the others: the rest is for agents. */
export const EDGE_COMMON_FLAGS = ["config", "help"] as const satisfies CommandSpec["commonFlags"];

/** Of all the flags of an invocation those that are settings, as the loader of the edge's configuration takes them. */
export function edgeSettingsOf(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> {
  const given = Object.keys(EDGE_FLAGS).flatMap((name) => {
    const texts = flags[name];
    return Array.isArray(texts) ? [[name, texts.map(String)] as const] : [];
  });
  return Object.fromEntries(given);
}

function flagOf({ shape, help, usual }: EdgeSetting<unknown>): EdgeFlag {
  return { type: "list", value: shape, help: usual === undefined ? help : `${help} (default ${usual})` };
}
