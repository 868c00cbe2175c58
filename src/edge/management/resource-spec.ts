/**
 * What a resource of the management API is, as data: its paths, the fields that each call takes, and what it answers. Routes,
 * checks, the description in OpenAPI and the commands of `api` all come from here. Knows nothing of records.
 */
import { z } from "zod";
import type { FilterWords } from "./filter/filter-expression.ts";

export type ActionMethod = "GET" | "POST" | "PATCH" | "DELETE";

/** One call of a resource. */
export interface ActionSpec {
  /** As commands spell it: `list`, `get`, `create`, `update`, `delete`, `stop`, `delete-certificate`, … */
  readonly name: string;
  readonly method: ActionMethod;
  /** Below the base URL; `{id}` is the record's. */
  readonly path: string;
  readonly summary: string;
  /** Fields of the body; without, the call takes none. */
  readonly fields?: z.ZodObject;
  /** What comes back; without, 204 and nothing. */
  readonly answer?: z.ZodObject;
  readonly status: 200 | 201 | 204;
  /** Answers a page, so it takes {@link pageQuery}. */
  readonly isList: boolean;
}

/** A resource that is made of records with ids. */
export interface ResourceSpec {
  /** Of its paths and of `uri`: `reserved_domains`. */
  readonly path: string;
  /** Under which a list holds its records; not always the path. */
  readonly listKey: string;
  /** In errors: `Reserved Domain`. */
  readonly title: string;
  /** What its ids begin with, without the underscore. */
  readonly idPrefix: string;
  /** What filters may say beside the words that records show. */
  readonly filterWords: FilterWords;
  readonly actions: readonly ActionSpec[];
}

/** The most that a page holds, and what it holds unless told (reference.md 8.2). */
export const MAX_PAGE = 100;

export const pageQuery = z.object({
  limit: z.string().optional().describe(`Records on a page, 1 to ${MAX_PAGE}`),
  before_id: z.string().optional().describe("Only records older than this one"),
  filter: z.string().optional().describe("Only records for which this expression over obj is true"),
});

export interface ResourceOptions {
  readonly path: string;
  readonly listKey?: string;
  readonly title: string;
  readonly idPrefix: string;
  /** A record as calls answer it. */
  readonly record: z.ZodObject;
  /** As `create` answers it, when that tells more. */
  readonly created?: z.ZodObject;
  readonly create?: z.ZodObject;
  readonly update?: z.ZodObject;
  readonly isDeletable?: boolean;
  readonly filterWords?: FilterWords;
  /** Further calls. */
  readonly more?: readonly ActionSpec[];
}

/** The usual calls of a resource (reference.md 8.2), as far as it has them. */
export function resourceSpec(options: ResourceOptions): ResourceSpec {
  const {
    path,
    listKey = path,
    title,
    idPrefix,
    record,
    created = record,
    create,
    update,
    isDeletable,
    filterWords = new Map(),
    more = [],
  } = options;
  const [all, one] = [`/${path}`, `/${path}/{id}`];
  const page = z.object({ [listKey]: z.array(record), uri: z.string(), next_page_uri: z.string().nullable() });
  const usual: readonly (ActionSpec | undefined)[] = [
    { name: "list", method: "GET", path: all, summary: "Newest first", answer: page, status: 200, isList: true },
    { name: "get", method: "GET", path: one, summary: "One by its id", answer: record, status: 200, isList: false },
    create && {
      name: "create",
      method: "POST",
      path: all,
      summary: "Make one",
      fields: create,
      answer: created,
      status: 201,
      isList: false,
    },
    update && {
      name: "update",
      method: "PATCH",
      path: one,
      summary: "Change the fields given",
      fields: update,
      answer: record,
      status: 200,
      isList: false,
    },
    isDeletable === true
      ? { name: "delete", method: "DELETE", path: one, summary: "Remove one", status: 204, isList: false }
      : undefined,
  ];
  const actions = [...usual.filter((action) => action !== undefined), ...more];
  return { path, listKey, title, idPrefix, filterWords, actions };
}
