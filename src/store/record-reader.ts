import type { Records, RecordType } from "../model/records/records.ts";
import { type SqlValue, storedText } from "./column.ts";
import type { Run } from "./database.ts";
import type { Page } from "./page.ts";
import type { Reader } from "./store.ts";
import type { Table } from "./table.ts";
import { TABLES } from "./tables.ts";

/** Records of the edge itself. */
const EDGE_OWN: ReadonlySet<RecordType> = new Set(["acmeAccount", "issuedCertificate", "certificateOrder"]);

/** Reads records through any connection, or within a transaction. */
export class RecordReader implements Reader {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  get<T extends RecordType>(type: T, id: string): Promise<Records[T] | undefined> {
    return readOne<Records[T]>(this.#run, TABLES[type], id);
  }

  async all<T extends RecordType>(type: T, where: Partial<Records[T]> = {}): Promise<readonly Records[T][]> {
    const table: Table<Records[T]> = TABLES[type];
    const { conditions, values } = table.where(where);
    return readRows(this.#run, table, conditions, values);
  }

  list<T extends RecordType>(type: T, accountId: string, page: Page<Records[T]>): Promise<readonly Records[T][]> {
    // They belong to no account.
    if (EDGE_OWN.has(type)) return Promise.resolve([]);
    const owner = type === "account" ? "id" : "account_id";
    return readPage<Records[T]>(this.#run, TABLES[type], `${owner} = $1`, accountId, page);
  }

  count(type: RecordType, accountId: string): Promise<number> {
    return countRows(this.#run, TABLES[type].name, accountId);
  }
}

/** How many rows of a table an account has. */
export async function countRows(run: Run, table: string, accountId: string): Promise<number> {
  const [row] = await run(`SELECT count(*) AS records FROM ${table} WHERE account_id = $1`, [storedText(accountId)]);
  return Number(row?.["records"] ?? 0);
}

export async function readOne<R extends { readonly id: string }>(
  run: Run,
  table: Table<R>,
  id: string,
): Promise<R | undefined> {
  const [row] = await run(table.select("WHERE id = $1"), [storedText(id)]);
  return row === undefined ? undefined : table.decode(row);
}

/** `ofOwner` is a condition over `$1`, which is `owner`. */
export function readPage<R extends { readonly id: string }>(
  run: Run,
  table: Table<R>,
  ofOwner: string,
  owner: string,
  { limit, beforeId, where = {} }: Page<R>,
): Promise<readonly R[]> {
  const wanted = table.where(where, 1);
  const conditions = [ofOwner, ...wanted.conditions];
  const values: SqlValue[] = [storedText(owner), ...wanted.values];
  if (beforeId !== undefined) conditions.push(`id < $${values.push(storedText(beforeId))}`);
  return readRows(run, table, conditions, values, `LIMIT ${Math.max(1, Math.trunc(limit))}`);
}

async function readRows<R extends { readonly id: string }>(
  run: Run,
  table: Table<R>,
  conditions: readonly string[],
  values: readonly SqlValue[],
  end = "",
): Promise<readonly R[]> {
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const rows = await run(table.select(`${where} ORDER BY id DESC ${end}`), values);
  return rows.map((row) => table.decode(row));
}
