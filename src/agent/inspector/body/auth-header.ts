import { base64Bytes } from "./base64-bytes.ts";
import { decodeJwt, type UnverifiedJwt } from "./jwt.ts";
import { fieldText } from "./raw-message.ts";

/** What an `Authorization` or `Proxy-Authorization` field says (RFC 9110 section 11.4). Nothing here has been verified. */
export type Authorization =
  | { readonly scheme: "basic"; readonly user: string; readonly password: string }
  | { readonly scheme: "bearer"; readonly token: string; readonly jwt: UnverifiedJwt | undefined }
  | { readonly scheme: "digest"; readonly parameters: readonly (readonly [name: string, value: string])[] }
  /** A scheme we do not take apart, or one whose credentials cannot be read; `fault` says why. */
  | {
      readonly scheme: "other";
      readonly name: string;
      readonly credentials: string;
      readonly fault: string | undefined;
    };

/** One parameter with the commas and spaces before it. Each branch begins with another character, so it never goes back far. */
const PARAMETER = /[\s,]*([^\s,="]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;
const PARAMETER_LIMIT = 50;

/** Reads the value of the field. Never throws. */
export function parseAuthorization(value: string): Authorization {
  const [, name = "", rest = ""] = /^\s*(\S+)(?:\s+(.*))?$/s.exec(value) ?? [];
  const credentials = rest.trim();
  const scheme = name.toLowerCase();
  if (scheme === "basic") return basic(name, credentials);
  if (scheme === "bearer") return { scheme: "bearer", token: credentials, jwt: decodeJwt(credentials) };
  if (scheme === "digest") return digest(name, credentials);
  return { scheme: "other", name, credentials, fault: undefined };
}

/** RFC 7617. The charset is not said; UTF-8 where it fits. */
function basic(name: string, credentials: string): Authorization {
  const bytes = base64Bytes(credentials);
  if (bytes === undefined) return { scheme: "other", name, credentials, fault: "the credentials are not base64" };
  const pair = fieldText(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const colon = pair.indexOf(":");
  if (colon === -1) {
    return { scheme: "other", name, credentials, fault: "there is no colon between user name and password" };
  }
  return { scheme: "basic", user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** RFC 7616 section 3.4. */
function digest(name: string, credentials: string): Authorization {
  const parameters: (readonly [name: string, value: string])[] = [];
  for (let at = 0; parameters.length < PARAMETER_LIMIT; at = PARAMETER.lastIndex) {
    PARAMETER.lastIndex = at;
    const [, key, quoted, plain] = PARAMETER.exec(credentials) ?? [];
    if (key === undefined) break;
    parameters.push([key, quoted === undefined ? (plain ?? "") : quoted.replaceAll(/\\(["\\])/g, "$1")]);
  }
  if (parameters.length === 0) return { scheme: "other", name, credentials, fault: "there are no parameters" };
  return { scheme: "digest", parameters };
}
