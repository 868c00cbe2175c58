/** What a user may get wrong with `-crt`, `-key` and `-client-cas` is said at the start, before anything is public. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { openssl } from "../support/openssl.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates } from "../support/test-certificates.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = new TemporaryFolder();
  const { server, expired, stranger, caPem } = await makeTestCertificates();
  const files = {
    crt: server.certPem,
    key: server.keyPem,
    "expired.crt": expired.certPem,
    "expired.key": expired.keyPem,
    "other.key": stranger.keyPem,
    ca: caPem,
    damaged: server.certPem.replace(/\n.{20}/, "\n"),
    empty: "",
  };
  await Promise.all(Object.entries(files).map(([name, text]) => Bun.write(folder.file(name), text)));
  const encrypt = ["pkey", "-in", "key", "-aes128", "-passout", "pass:made-up", "-out", "encrypted.key"];
  await openssl(encrypt, { cwd: folder.path });
});
afterAll(() => folder[Symbol.dispose]());

test.each([
  ["no key beside the certificate", "-crt=crt", "command line: field crt: needs key beside it"],
  ["a file that is not there", "-crt=crt -key=nowhere", "The file nowhere cannot be used: there is no such file."],
  ["a folder", "-crt=. -key=key", "The file . cannot be used: it is a folder."],
  [
    "the key of another certificate",
    "-crt=crt -key=other.key",
    "The file other.key cannot be used: the key does not belong to the certificate crt.",
  ],
  [
    "certificate and key swapped",
    "-crt=key -key=crt",
    "The file key cannot be used: it holds a key and no certificate.",
  ],
  [
    "a certificate whose time is over",
    "-crt=expired.crt -key=expired.key",
    "The file expired.crt cannot be used: the certificate expired on ",
  ],
  [
    "an encrypted key",
    "-crt=crt -key=encrypted.key",
    "The file encrypted.key cannot be used: the key is encrypted. Decrypt it: openssl pkey -in encrypted.key",
  ],
  [
    "a damaged certificate",
    "-crt=damaged -key=key",
    "The file damaged cannot be used: certificate 1 in it is damaged.",
  ],
  ["an empty file", "-crt=crt -key=empty", "The file empty cannot be used: it holds no key."],
  [
    "authorities that are none",
    "-crt=crt -key=key -client-cas=key",
    "The file key cannot be used: it holds a key and no certificate.",
  ],
  [
    "authorities that are not there",
    "-crt=crt -key=key -client-cas=nowhere",
    "The file nowhere cannot be used: there is no such file.",
  ],
])("%s is an error at the start: exit 1, stderr only", async (_, flags, message) => {
  const { code, stdout, stderr } = await runProgram(`tls 443 ${flags} --log=stderr --log-level=crit`, {
    home: folder.path,
  });
  const told = stderr.split("\n").find((line) => line.startsWith("ERROR:  "));
  expect([code, stdout, told]).toEqual([1, "", expect.stringContaining(`ERROR:  ${message}`)]);
});
