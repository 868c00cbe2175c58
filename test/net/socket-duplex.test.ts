import { duplexContract } from "../support/duplex-contract.ts";
import { tcpPair, unixPair } from "../support/socket-pair.ts";

duplexContract("SocketDuplex over TCP", () => tcpPair());
duplexContract("SocketDuplex over a unix socket", () => unixPair(), { carriesReset: false });
