import { describe, expect, test } from "bun:test";
import { AnswerLength } from "./answer-length.ts";

const head = (bodyLength: number): string => `HTTP/1.1 200 OK\r\nServer: some\r\nContent-Length: ${bodyLength}\r\n\r\n`;
const answer = (body: string): Buffer => Buffer.from(head(body.length) + body);

describe("AnswerLength", () => {
  test("reads the length of a whole answer, and of one that has begun", () => {
    const whole = answer("hello");
    expect(new AnswerLength().of(whole, whole.length)).toBe(whole.length);
    expect(new AnswerLength().of(whole, whole.length - 3)).toBe(whole.length);
    expect(new AnswerLength().of(whole, head(5).length)).toBe(whole.length);
  });

  test("knows answers again, and sees when one is longer or shorter", () => {
    const lengths = new AnswerLength();
    for (const body of ["hello", "world", "hello world", "hi", "hello"]) {
      const whole = answer(body);
      expect(lengths.of(whole, whole.length)).toBe(whole.length);
    }
  });

  test("does not read behind what has come", () => {
    const slot = Buffer.concat([answer("hello"), Buffer.from("x".repeat(20))]);
    expect(new AnswerLength().of(slot, slot.length - 20)).toBe(slot.length - 20);
  });

  test.each([
    ["another status of the same length", answer("hello").toString().replace("200", "502")],
    ["no length", "HTTP/1.1 200 OK\r\n\r\n"],
    ["a head without an end", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"],
    ["nothing of HTTP", "hello"],
  ])("refuses %s, also behind a success", (_, text) => {
    const lengths = new AnswerLength();
    expect(() => lengths.of(Buffer.from(text), text.length)).toThrow("unexpected answer");
    const good = answer("hello");
    lengths.of(good, good.length);
    expect(() => lengths.of(Buffer.from(text), text.length)).toThrow("unexpected answer");
  });
});
