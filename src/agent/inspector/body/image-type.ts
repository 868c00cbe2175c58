/** Signatures of the image formats that browsers show. `?` stands for any byte. */
const SIGNATURES: readonly (readonly [type: string, signature: string])[] = [
  ["image/png", "\u0089PNG\r\n\u001a\n"],
  ["image/jpeg", "\u00ff\u00d8\u00ff"],
  ["image/gif", "GIF87a"],
  ["image/gif", "GIF89a"],
  ["image/webp", "RIFF????WEBP"],
  ["image/avif", "????ftypavif"],
  ["image/avif", "????ftypavis"],
  ["image/bmp", "BM????\0\0\0\0"],
  ["image/x-icon", "\0\0\u0001\0"],
];

/**
 * The type of a bitmap image by its first bytes, whatever was declared; `undefined` when it is none that browsers show.
 * SVG is not among them: it is XML, and shown as such.
 */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, signature]) => startsWith(bytes, signature))?.[0];
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  for (let i = 0; i < signature.length; i++) {
    if (signature[i] !== "?" && bytes[i] !== signature.charCodeAt(i)) return false;
  }
  return true;
}
