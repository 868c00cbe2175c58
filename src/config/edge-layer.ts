/** What one source (a file, the environment, the flags) says about the edge: texts by setting, each of them checked. */
import { z } from "zod";
import { PublicError, UsageError } from "../base/errors.ts";
import { blameFile, blameValues, readBySchema, readSource, type Blame } from "./config-problem.ts";
import { EDGE_SETTINGS, type EdgeSetting, type EdgeSettingName, type EdgeSettingValue } from "./edge-settings.ts";
import type { Environment } from "./environment.ts";
import { listField } from "./fields.ts";

/** The texts of the settings that a source mentions; a single one has one text. */
export type EdgeLayer = Readonly<Partial<Record<EdgeSettingName, readonly string[]>>>;

const fileFields = z.strictObject(
  Object.fromEntries(
    settingNames().flatMap((name) => [name, name.replaceAll("-", "_")].map((key) => [key, listField((text) => text)])),
  ),
  { error: "expected a map of settings" },
);

/** Reads a file of the edge. Throws UsageError with file, line and column. */
export function readEdgeFile(file: string, text: string): EdgeLayer {
  const source = readSource(file, text);
  const blame = blameFile(file, source);
  const fields = readBySchema(fileFields, source.value ?? {}, { blame, typeName: "config.Edge" });
  const entries = Object.entries(fields).flatMap(([key, values]) => {
    if (!Array.isArray(values)) return [];
    const fault: Blame = (path, message, cause) => blame([key, ...path], `field ${key}: ${message}`, cause);
    const name = settingOf(key);
    if (key !== name && fields[name] !== undefined)
      throw fault([], `stands beside ${name}, its other spelling; remove one`);
    return [[name, checked(name, values.map(String), fault)]];
  });
  return Object.fromEntries(entries);
}

/** The `GINNEL_…` variables. Throws UsageError naming the variable. */
export function edgeLayerOfEnvironment(environment: Environment): EdgeLayer {
  const entries = settingNames().flatMap((name) => {
    const variable = variableOf(name);
    const text = environment[variable] ?? "";
    const values = settingFor(name).isList ? text.split(",").map((part) => part.trim()) : [text];
    const set = values.filter((value) => value !== "");
    const blame = blameValues(`environment variable ${variable}`);
    return set.length === 0 ? [] : [[name, checked(name, set, blame)]];
  });
  return Object.fromEntries(entries);
}

/** The variables of settings that are secrets, or may hold one. */
export function secretVariablesOfEdge(): readonly string[] {
  return settingNames()
    .filter((name) => settingFor(name).isSecret === true)
    .map(variableOf);
}

/** Flags by name. Throws UsageError naming the flag. */
export function edgeLayerOfFlags(flags: Readonly<Record<string, readonly string[]>>): EdgeLayer {
  const entries = Object.entries(flags).map(([key, values]) => {
    if (!settingNames().includes(settingOf(key))) throw new UsageError(`unknown flag --${key}`);
    return [key, checked(settingOf(key), values, blameValues(`flag --${key}`))];
  });
  return Object.fromEntries(entries);
}

/** The tokens of an authtoken file. Throws UsageError naming the line of one that is none, never the token. */
export function parseTokenFile(file: string, text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const token = line.replace(/(^|\s)#.*$/, "").trim();
    return token === "" ? [] : checked("authtoken", [token], blameValues(`${file}, line ${index + 1}`));
  });
}

/** A row of the table: rows have types of their own, and the name ties a row to its value. */
export function settingFor<N extends EdgeSettingName>(name: N): EdgeSetting<EdgeSettingValue<N>> {
  return EDGE_SETTINGS[name] as EdgeSetting<EdgeSettingValue<N>>; // TypeScript cannot follow the lookup through N
}

function checked(name: EdgeSettingName, values: readonly string[], blame: Blame): readonly string[] {
  const { isList, parse } = settingFor(name);
  if (values.length > 1 && isList !== true) throw blame([], "may be given only once");
  for (const value of values) {
    try {
      parse(value);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof PublicError)) throw error;
      throw blame([], error.message, error);
    }
  }
  return values;
}

function settingNames(): readonly EdgeSettingName[] {
  return Object.keys(EDGE_SETTINGS) as EdgeSettingName[]; // the keys of a constant
}

function variableOf(name: EdgeSettingName): string {
  return `GINNEL_${name.replaceAll("-", "_").toUpperCase()}`;
}

function settingOf(key: string): EdgeSettingName {
  return key.replaceAll("_", "-") as EdgeSettingName; // callers read keys that the schema or the table has checked
}
