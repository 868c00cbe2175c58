/** Answers a request with the content of an open file. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type ByteRange, parseByteRange } from "./byte-range.ts";
import { contentTypeOfName, contentTypeOfSample, SAMPLE_BYTES } from "./content-type.ts";
import type { EnclosedFile } from "./enclosed-file.ts";
import { checkPreconditions, type Conditions, rangeApplies, type Version } from "./precondition.ts";
import { sendFailure } from "./failure-page.ts";

/** Read and written at a time; with a slow visitor about two of these wait in memory. */
const PIECE_BYTES = 256 * 1024;

/** The file stays open; its owner closes it. A file that gets shorter meanwhile ends in a reset, never in a clean end. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { file, name }: { readonly file: EnclosedFile; readonly name: string },
): Promise<void> {
  const version = versionOf(file);
  const conditions = conditionsOf(request);
  response.setHeader("ETag", version.etag);
  response.setHeader("Last-Modified", version.modifiedAt.toUTCString());
  response.setHeader("Cache-Control", "no-cache"); // whoever works on a file wants to see the change
  response.setHeader("Accept-Ranges", "bytes");
  switch (checkPreconditions(conditions, version)) {
    case "failed":
      return sendFailure(request, response, 412);
    case "notModified":
      response.writeHead(304).end();
      return;
    case "send":
  }
  const asked = request.method === "GET" && rangeApplies(conditions, version) ? request.headers.range : undefined;
  const range = parseByteRange(asked, file.sizeBytes);
  if (range === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${file.sizeBytes}`);
    return sendFailure(request, response, 416);
  }
  response.setHeader("Content-Type", contentTypeOfName(name) ?? contentTypeOfSample(await sampleOf(file)));
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (range !== "whole") {
    response.setHeader("Content-Range", `bytes ${range.first}-${range.last}/${file.sizeBytes}`);
  }
  await sendBytes(request, response, { file, range });
}

async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  { file, range }: { readonly file: EnclosedFile; readonly range: ByteRange | "whole" },
): Promise<void> {
  const { first, last } = range === "whole" ? { first: 0, last: file.sizeBytes - 1 } : range;
  const length = last - first + 1;
  response.writeHead(range === "whole" ? 200 : 206, { "Content-Length": length });
  if (request.method === "HEAD" || length === 0) {
    response.end();
    return;
  }
  const content = file.handle.createReadStream({
    start: first,
    end: last,
    highWaterMark: PIECE_BYTES,
    autoClose: false,
  });
  await pipeline(content, response, { end: false });
  if (content.bytesRead === length) response.end();
  else response.destroy();
}

/** The time to the nanosecond and the size: a file that is written twice within one tick of the clock is the exception. */
function versionOf(file: EnclosedFile): Version {
  return {
    etag: `"${file.modifiedNs.toString(36)}-${file.sizeBytes.toString(36)}"`,
    modifiedAt: new Date(Number(file.modifiedNs / 1_000_000n)),
  };
}

function conditionsOf({ headers }: IncomingMessage): Conditions {
  const ifRange = headers["if-range"];
  return {
    ifMatch: headers["if-match"],
    ifNoneMatch: headers["if-none-match"],
    ifModifiedSince: headers["if-modified-since"],
    ifUnmodifiedSince: headers["if-unmodified-since"],
    ifRange: Array.isArray(ifRange) ? ifRange.join() : ifRange,
  };
}

async function sampleOf(file: EnclosedFile): Promise<Uint8Array> {
  const sample = new Uint8Array(SAMPLE_BYTES);
  const { bytesRead } = await file.handle.read(sample, 0, SAMPLE_BYTES, 0);
  return sample.subarray(0, bytesRead);
}
