import { afterAll } from "bun:test";
import { randomHex } from "../../src/base/random.ts";
import { openStore } from "../../src/store/open-store.ts";
import { storeContract } from "../support/store-contract.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const KEY = new Uint8Array(32).fill(7);
const folder = new TemporaryFolder();

afterAll(() => folder[Symbol.dispose]());

storeContract("a file", () => openStore(`sqlite://${folder.file(`${randomHex(8)}.db`)}`, { secretsKey: KEY }));
storeContract("memory", () => openStore("sqlite::memory:", { secretsKey: KEY }));
