/** Every call of the management API by the words of its command. */
import { UsageError } from "../../base/errors.ts";
import { accountAction, rootAction } from "../../edge/management/about-resources.ts";
import { type ActionSpec, pageQuery } from "../../edge/management/resource-spec.ts";
import { RESOURCES } from "../../edge/management/resource-table.ts";
import { type FieldFlag, fieldFlags, fieldsOf, type GivenFlags } from "./field-flags.ts";

export interface ApiCall {
  readonly action: ActionSpec;
  readonly takesId: boolean;
  /** Of the body; `undefined`: the call has none. */
  readonly fields: readonly FieldFlag[] | undefined;
  readonly query: readonly FieldFlag[];
}

/** A resource with its calls by the names of their actions. */
export interface ApiResource {
  /** As commands spell it: `reserved-domains`. */
  readonly word: string;
  /** For people, in the plural: `reserved domains`. */
  readonly title: string;
  readonly calls: ReadonlyMap<string, ApiCall>;
}

/** A request to the API but for its host and key. */
export interface ApiRequest {
  readonly method: ActionSpec["method"];
  /** Path and query. */
  readonly target: string;
  /** JSON. */
  readonly body: string | undefined;
}

/** In the order of the help. */
export const API_RESOURCES: readonly ApiResource[] = [
  ...RESOURCES.map(({ path, title, actions }) => ({
    word: path.replaceAll("_", "-"),
    title: inPlural(title),
    calls: callsOf(actions),
  })),
  { word: "account", title: "the account of the key", calls: callsOf([accountAction]) },
  // Published under both names (reference.md 8.3).
  { word: "root", title: "what the API has", calls: callsOf([rootAction, { ...rootAction, name: "self" }]) },
];

/** @throws UsageError */
export function apiRequest({ action, fields, query }: ApiCall, id: string, given: GivenFlags): ApiRequest {
  // Anything else is for the API to judge; these would lead to other calls.
  if (/^\.*$/.test(id) && action.path.includes("{id}")) throw new UsageError(`'${id}' is no id.`);
  const path = action.path.replace("{id}", encodeURIComponent(id));
  const asked = Object.entries(fieldsOf(query, given)).map(([name, value]): [string, string] => [name, String(value)]);
  const target = asked.length === 0 ? path : `${path}?${new URLSearchParams(asked).toString()}`;
  const body = fields === undefined ? undefined : JSON.stringify(fieldsOf(fields, given));
  return { method: action.method, target, body };
}

function callsOf(actions: readonly ActionSpec[]): ReadonlyMap<string, ApiCall> {
  return new Map(actions.map((action) => [action.name, callOf(action)]));
}

function callOf(action: ActionSpec): ApiCall {
  const { fields, path, isList } = action;
  return {
    action,
    takesId: path.includes("{id}"),
    fields: fields && fieldFlags(fields),
    query: isList ? fieldFlags(pageQuery) : [],
  };
}

/** `IP Policy` → `IP policies`. */
function inPlural(title: string): string {
  const words = title.split(" ").map((word) => (word === word.toUpperCase() ? word : word.toLowerCase()));
  const text = words.join(" ");
  if (/[^aeiou]y$/.test(text)) return `${text.slice(0, -1)}ies`;
  return `${text}${text.endsWith("s") ? "es" : "s"}`;
}
