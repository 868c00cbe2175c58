import type { Run } from "./database.ts";

/**
 * After a statement has failed, SQLite may have rolled back what was before it, and PostgreSQL answers a commit with a rollback: work
 * that goes on as if nothing were would keep a half, or be told of what was not kept. So no further statement is made, and the
 * failure comes through whatever the work makes of it.
 */
export async function allOrNothing<R>(run: Run, work: (run: Run) => Promise<R>): Promise<R> {
  const failures: unknown[] = [];
  const result = await work(async (statement, values) => {
    if (failures.length > 0) throw failures[0];
    try {
      return await run(statement, values);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  });
  if (failures.length > 0) throw failures[0];
  return result;
}
