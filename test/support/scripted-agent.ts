/** The agent's end of an endpoint, played by a test: each proxy stream is a pipe whose far end the test listens to. */
import type { Duplex } from "../../src/net/duplex.ts";
import { Endpoint, type EndpointOptions, type Leg } from "../../src/edge/endpoint.ts";
import { pipe } from "../../src/net/pipe.ts";
import { RecordingListener } from "./recording-listener.ts";

export class ScriptedAgent implements Leg {
  readonly number: number = 0;
  isOpen = true;
  readonly openStreams = 0;
  isSilent = false;
  /** The agent's ends, in the order in which the edge opened the streams. */
  readonly streams: { readonly end: Duplex; readonly heard: RecordingListener; readonly visitor: string }[] = [];
  /** No stream can be opened. */
  isFull = false;
  #opened = Promise.withResolvers<void>();

  expectWord(): void {}

  openProxy(_header: unknown, visitor: string, first?: Uint8Array): Duplex | undefined {
    if (this.isFull || !this.isOpen) return undefined;
    const [edgeEnd, agentEnd] = pipe();
    this.streams.push({ end: agentEnd, heard: new RecordingListener(agentEnd), visitor });
    if (first !== undefined) edgeEnd.write(first);
    this.#opened.resolve();
    this.#opened = Promise.withResolvers();
    return edgeEnd;
  }

  /** The stream of that number, once it was opened and has brought the text. */
  async stream(index: number, text = ""): Promise<{ readonly end: Duplex; readonly heard: RecordingListener }> {
    while (this.streams.length <= index) await this.#opened.promise;
    const stream = this.streams[index];
    if (stream === undefined) throw new Error(`no stream ${index}`);
    await stream.heard.until(() => stream.heard.text.includes(text));
    return stream;
  }
}

/** An online endpoint served by the agent. */
export function endpointOf(agent: Leg, host: string, options: EndpointOptions = {}, accountId = "ac_1"): Endpoint {
  const endpoint = new Endpoint({
    id: "ep_1",
    bindId: "bind",
    proto: "http",
    place: "http",
    host,
    url: `http://${host}`,
    accountId,
    credentialId: "cr_1",
    clientId: "client",
    forwardsTo: "http://localhost:8080",
    options,
  });
  endpoint.join(agent);
  return endpoint;
}
