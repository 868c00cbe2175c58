/** The platform in the words of Go, which programs around agents expect (protocol.md section 5, Auth). */

const SYSTEMS: Readonly<Record<string, string>> = { win32: "windows", sunos: "solaris" };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

export interface GoPlatform {
  readonly os: string;
  readonly architecture: string;
}

/** `platform` and `arch` as `process` has them; what both call alike, or Go does not know, stays. */
export function goPlatform({ platform, arch }: { readonly platform: string; readonly arch: string }): GoPlatform {
  return { os: SYSTEMS[platform] ?? platform, architecture: ARCHITECTURES[arch] ?? arch };
}
