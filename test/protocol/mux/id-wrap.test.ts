import { expect, test } from "bun:test";
import { MAX_STREAM_ID } from "../../../src/protocol/mux/frame.ts";
import { dataFrame } from "../../support/frame-bytes.ts";
import { MuxEnd } from "../../support/mux-end.ts";

/** The last odd ids, and the first again: those of an agent after 2^30 streams. */
const IDS = [MAX_STREAM_ID - 2, MAX_STREAM_ID, 3, 5];

test("Mux takes the ids of a peer behind their wrap, answers on each, and keeps streams from before it apart", () => {
  const edge = new MuxEnd("edge");
  for (const id of IDS) edge.receive(dataFrame(id, `stream ${id}`, "syn"));
  expect(edge.accepted.map(({ heard }) => heard.text)).toEqual(IDS.map((id) => `stream ${id}`));
  for (const { stream } of edge.accepted) {
    stream.write(Buffer.from("answer"));
    stream.end();
  }
  const answered = edge
    .sent()
    .flatMap((frame) => (frame.type === "data" && frame.payload.length > 0 ? [frame.id] : []));
  expect(answered).toEqual(IDS);
  for (const id of IDS) edge.receive(dataFrame(id, "", "fin"));
  expect(edge.mux.streamsOpen).toBe(0);
  edge.receive(dataFrame(MAX_STREAM_ID, "again", "syn"));
  expect(edge.accepted.at(-1)?.heard.text).toBe("again");
});
