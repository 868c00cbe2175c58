/** The records of an edge: its store, what of it is kept in memory, and what the configuration adds. */
import type { Clock } from "../../base/clock.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import { JoinedHolders, type NameHolders, ReservedNames } from "../../edge/certificates/name-holders.ts";
import { OperatorDirectory } from "../../edge/records/operator-directory.ts";
import { RecordDirectory } from "../../edge/records/record-directory.ts";
import { RecordNameHolders } from "../../edge/records/record-name-holders.ts";
import { ownNames } from "../../edge/own-names.ts";
import { Retention } from "../../store/retention.ts";
import { StoreError } from "../../store/store-error.ts";
import type { OwnNames } from "../../model/reservations.ts";
import type { Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { Tally } from "../../telemetry/tally.ts";
import { operatorAccount } from "./first-start.ts";
import { EdgeOnline } from "./online.ts";
import { openEdgeStore } from "./store.ts";

/** Between lines about a store that cannot be read, while it cannot. */
const FAULT_LINE_EVERY_MS = 60_000;

/** What every process of an edge follows. */
export interface SharedRecords extends AsyncDisposable {
  readonly store: Store;
  readonly directory: OperatorDirectory;
  /** Of the operator. */
  readonly accountId: string;
  /** Those of the edge, and of the configuration. */
  readonly names: OwnNames;
  /** Reserved domains with their certificates. */
  readonly nameHolders: NameHolders;
  /** What the store failed at, by kind. */
  readonly storeErrors: Tally;
}

export interface EdgeRecords extends SharedRecords {
  readonly online: EdgeOnline;
}

/** Opens the store and loads what the edge asks. Dispose it when the edge has ended. @throws UsageError when the store cannot be used */
export async function openEdgeRecords(config: EdgeConfig, clock: Clock, log: Logger): Promise<EdgeRecords> {
  await using opening = new AsyncDisposableStack();
  const shared = opening.use(await openSharedRecords(config, clock, log));
  const onTrimFault = seldom(clock, (error: unknown) =>
    log.error("old entries of the records are not removed", { err: error }),
  );
  opening.use(new Retention(shared.store, { clock, onFault: onTrimFault }));
  const online = opening.use(await EdgeOnline.begin(shared.store.live, nodeIdOf(config)));
  const opened = opening.move();
  return { ...shared, online, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** As {@link openEdgeRecords}, and tells nobody that it is there. */
export async function openSharedRecords(config: EdgeConfig, clock: Clock, log: Logger): Promise<SharedRecords> {
  const storeErrors = new Tally();
  const store = await openEdgeStore(config.store, {
    clock,
    onFault: seldom(clock, (error) => {
      // A database that is away is the operator's business, anything else a fault of ours.
      const level = error instanceof StoreError ? "warn" : "error";
      log[level]("changes of the records are not seen", { err: error });
    }),
    onFailure: (failure) => storeErrors.add(failure),
  });
  await using opening = new AsyncDisposableStack();
  opening.defer(() => store.close());
  const { id: accountId } = await operatorAccount(store, clock);
  const { tokenHashes, reserved } = config;
  const names = ownNames(
    config.domains,
    reserved.map((domain) => ({ domain, accountId })),
  );
  const records = opening.use(await RecordDirectory.open(store, names));
  const directory = opening.use(new OperatorDirectory({ records, store, accountId, tokenHashes }));
  const holders = opening.use(await RecordNameHolders.open(store, names, log));
  const nameHolders = new JoinedHolders([holders, new ReservedNames(reserved)]);
  const opened = opening.move();
  return {
    store,
    directory,
    accountId,
    names,
    nameHolders,
    storeErrors,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The same after a restart, also on another machine: one edge serves a base domain in a region. */
export function nodeIdOf({ region, domains: [domain = ""] }: EdgeConfig): string {
  return `${region}/${domain}`;
}

function seldom(clock: Clock, tell: (error: unknown) => void): (error: unknown) => void {
  let silentUntilMs = -Infinity;
  return (error) => {
    if (clock.nowMs() < silentUntilMs) return;
    silentUntilMs = clock.nowMs() + FAULT_LINE_EVERY_MS;
    tell(error);
  };
}
