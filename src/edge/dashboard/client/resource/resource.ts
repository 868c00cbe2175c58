/** What a kind of record is on the pages, as data: what is shown of it, what can be filled in, what can be done with it. */
import type { ApiRecord } from "../data/api-record.ts";
import type { Method } from "../data/plain-call.ts";
import type { ListPlace } from "../data/record-pages.ts";
import type { PageName } from "../shell/page-name.ts";
import type { Field } from "./field.ts";

/** How a value is drawn. `ref`: ids of records that have a page; `copy`: with a button that copies it. */
export type CellKind = "text" | "code" | "long" | "time" | "age" | "url" | "list" | "flag" | "copy" | "ref";

export interface Column {
  readonly title: string;
  /** Empty: there is none. */
  readonly read: (record: ApiRecord) => string | readonly string[];
  readonly as: CellKind;
  /** Of a `ref`: where these records are. */
  readonly page?: PageName;
  /** Where it stands: in lists, on the page of the record; in both, unless told. */
  readonly place?: "list" | "page";
}

/** A call for one record that is made only when somebody says yes. */
export interface Action {
  /** On its button. */
  readonly label: string;
  readonly method: Method;
  /** Behind the path of the record: `/stop`; empty for the record itself. */
  readonly path: string;
  /** What happens then, for the person who is asked. */
  readonly warning: (record: ApiRecord) => string;
  /** Told afterwards. */
  readonly done: string;
  /** The record is not there any more afterwards. */
  readonly isEnd?: boolean;
}

export interface ResourcePage extends ListPlace {
  readonly page: PageName;
  /** "Authtokens". */
  readonly title: string;
  /** "authtoken". */
  readonly noun: string;
  readonly about: string;
  /** In place of an empty list: how to get the first. */
  readonly empty: { readonly text: string; readonly command?: string };
  readonly nameOf: (record: ApiRecord) => string;
  /** The first leads to the page of the record. */
  readonly columns: readonly Column[];
  /** None: they come by themselves. */
  readonly fields?: readonly Field[];
  /** On the button and the dialog: "Create", "Reserve", "Upload". */
  readonly createWord?: string;
  /** Whether this one can be edited and deleted; all, unless told. */
  readonly isOurs?: (record: ApiRecord) => boolean;
  readonly actions: readonly Action[];
  /** Of a token that was just made: what to do with it. */
  readonly tokenUse?: { readonly text: string; readonly command: (token: string) => string };
  /** Changes by itself, so the pages look again now and then. */
  readonly isLive?: boolean;
  /** On the page of one that was there a moment ago. */
  readonly goneText?: string;
}

/** What `read` answers, as one text. */
export function columnText(column: Column, record: ApiRecord): string {
  const value = column.read(record);
  return typeof value === "string" ? value : value.join(", ");
}
