// Which ink can be read on a store's own colour.
import { contrast } from "@/lib/contrast";

const INKS = ["#ffffff", "#14201d"] as const;

/** White or near-black, whichever stands out more from `#rrggbb`. */
export function legibleOn(colour: string): string {
  const [light, dark] = INKS;
  return (contrast(light, colour) ?? 0) >= (contrast(dark, colour) ?? 0) ? light : dark;
}
