import type { z } from "zod";
import type { Clock } from "../../base/clock.ts";
import type { ErrorCode } from "../../base/error-catalogue.ts";
import { PublicError } from "../../base/errors.ts";
import type { Account } from "../../model/records/account.ts";
import type { Owned } from "../../model/records/record.ts";
import type { Records } from "../../model/records/records.ts";
import type { Changes, Store, Transaction } from "../../store/store.ts";
import { type Notes, newOwned, type OwnedType, ownRecord } from "./account-records.ts";
import { bodyFields } from "./body-fields.ts";
import { type Links, timeText } from "./links.ts";
import type { AnswerOne, ManagementCall, ResourceHandlers } from "./management-call.ts";
import { refuseTooManyRecords } from "./record-limit.ts";
import type { ResourceSpec } from "./resource-spec.ts";

/** Codes whose text needs no facts. */
export type PlainCode =
  | "ERR_NGROK_422"
  | "ERR_NGROK_506"
  | "ERR_NGROK_606"
  | "ERR_NGROK_1400"
  | "ERR_NGROK_1401"
  | "ERR_GINNEL_NO_CHANGE";

/** Where a record is made or changed: inside the transaction that does it. */
export interface ChangeScene {
  readonly transaction: Transaction;
  readonly account: Account;
  readonly now: Date;
}

export interface RecordHandlersOptions<T extends OwnedType, C extends z.ZodObject, U extends z.ZodObject> {
  readonly spec: ResourceSpec;
  readonly type: T;
  readonly fields: C;
  readonly changes: U;
  readonly nothingGiven: PlainCode;
  /** The record's own fields in JSON. */
  readonly view: (record: Records[T]) => object | Promise<object>;
  /** Makes a record; `shown` is told in this one answer. Waits for nothing but the transaction. @throws PublicError, ResourceNotFound */
  readonly make: (
    fields: z.infer<C>,
    owned: Owned,
    scene: ChangeScene,
  ) => Promise<{ record: Records[T]; shown?: object }>;
  /** What is to change; notes included. @throws PublicError, ResourceNotFound */
  readonly change: (fields: z.infer<U>, record: Records[T], scene: ChangeScene) => Promise<Changes<T>>;
  /** Before a record is removed. @throws PublicError */
  readonly refuseRemoval?: (record: Records[T], scene: ChangeScene) => Promise<void>;
}

export interface HandlerServices {
  readonly store: Store;
  readonly links: Links;
  readonly clock: Clock;
}

export type UsualActions = Readonly<Record<"get" | "create" | "update" | "delete", AnswerOne>>;

/** The usual calls on records of one kind, each of its own account only. */
export function recordHandlers<T extends OwnedType, C extends z.ZodObject, U extends z.ZodObject>(
  { store, links, clock }: HandlerServices,
  options: RecordHandlersOptions<T, C, U>,
): ResourceHandlers & {
  readonly actions: UsualActions;
  readonly answer: (record: Records[T]) => Promise<{ readonly id: string }>;
} {
  const { spec, type, fields, changes, nothingGiven, view, make, change, refuseRemoval } = options;
  const ownOf = ({ id, caller }: ManagementCall) => ({ id, accountId: caller.account.id });
  const answer = async (record: Records[T]): Promise<{ readonly id: string }> => {
    const { id, createdAt, description, metadata } = record;
    const common = { id, uri: links.uri(spec.path, id), created_at: timeText(createdAt), description, metadata };
    return { ...common, ...(await view(record)) };
  };
  const changing = <R>(call: ManagementCall, work: (scene: ChangeScene) => Promise<R>): Promise<R> => {
    const { account, actor } = call.caller;
    return store.change(actor, (transaction) => work({ transaction, account, now: clock.date() }));
  };
  const actions: UsualActions = {
    get: async (call) => answer(await ownRecord(store, type, ownOf(call))),
    create: async (call) => {
      const given = bodyFields(fields, call.body);
      const made = await changing(call, async (scene) => {
        await refuseTooManyRecords(scene.transaction, type, scene.account);
        const notes: Notes = given; // every resource takes notes
        const owned = newOwned(type, scene.account.id, { now: scene.now, notes });
        const { record, shown } = await make(given, owned, scene);
        await scene.transaction.insert(type, record);
        return { record, shown };
      });
      return { ...(await answer(made.record)), ...made.shown };
    },
    update: async (call) => {
      const given = bodyFields(changes, withoutOwnId(call));
      if (Object.keys(given).length === 0) throw new PublicError<ErrorCode>(nothingGiven, {});
      const record = await changing(call, async (scene) => {
        const before = await ownRecord(scene.transaction, type, ownOf(call));
        const wanted = await change(given, before, scene);
        return (await scene.transaction.update(type, before.id, wanted)) ?? before;
      });
      return answer(record);
    },
    delete: async (call) => {
      await changing(call, async (scene) => {
        const record = await ownRecord(scene.transaction, type, ownOf(call));
        await refuseRemoval?.(record, scene);
        await scene.transaction.remove(type, record.id);
      });
      return undefined;
    },
  };
  return {
    list: async ({ caller, page }) => Promise.all((await store.list(type, caller.account.id, page)).map(answer)),
    actions,
    answer,
  };
}

/** Clients repeat the id of the path in the body. */
export function withoutOwnId({ id, body }: Pick<ManagementCall, "id" | "body">): Readonly<Record<string, unknown>> {
  const { id: given, ...rest } = body;
  return given === undefined || given === id ? rest : body;
}
