// Images as contracts carry them: base64 in a JSON string.

const SIGNATURES: readonly [prefix: string, mediaType: string][] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["Qk", "image/bmp"],
];

/** A file's bytes in base64. */
export function readBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("the file cannot be read"));
    reader.readAsDataURL(file);
  });
}

/** The address by which the browser shows base64 that begins like an image; null where it doesn't. */
export function dataUrl(base64: string): string | null {
  const found = SIGNATURES.find(([prefix]) => base64.startsWith(prefix));
  return found === undefined ? null : `data:${found[1]};base64,${base64}`;
}
