/** Bytes of a base64 or base64url text, with or without padding; `undefined` when it is neither. */
export function base64Bytes(text: string): Uint8Array | undefined {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  // `atob` forgives white space; a token with some in it is none.
  if (/[^A-Za-z0-9+/=]/.test(plain)) return undefined;
  try {
    const octets = atob(plain);
    return Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Standard base64, padded. In slices: a call cannot take a million arguments. */
export function base64Text(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // A multiple of three, so that no slice but the last is padded.
  for (let at = 0; at < bytes.length; at += 6144)
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 6144))));
  return pieces.join("");
}
