import { afterAll } from "bun:test";
import { openStore } from "../../src/store/open-store.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { storeContract } from "../support/store-contract.ts";

const KEY = new Uint8Array(32).fill(7);
const databases = await PostgresDatabases.start();

afterAll(() => databases[Symbol.asyncDispose]());

storeContract("PostgreSQL", async () => openStore(await databases.create(), { secretsKey: KEY }));
